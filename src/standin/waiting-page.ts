import { randomBytes, randomInt } from 'node:crypto';
import { Device } from './device.js';
import type { Network } from './network.js';
import type { PageConnection } from './page-connection.js';
import type { Phone } from './phone.js';
import { linkingProof } from './proof.js';
import type { UpdateLog } from './update-log.js';
import type { BrowserInfo, Hello, LinkingMode } from './wire.js';

/** Characters of a pairing code: none that look alike. */
const CODE_CHARACTERS = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';

interface Link {
  phone: Phone;
  wid: string;
  by: 'advSecret' | 'code';
  secret: string;
  log: UpdateLog;
}

interface PendingLink extends Link {
  resolve: (device: Device) => void;
  reject: (error: Error) => void;
}

/** A page that is not linked: its QR refs, its pairing code, and being linked. */
export class WaitingPage {
  /** The one ref that is valid now. */
  ref: string | undefined;
  #mode: LinkingMode;
  #refsShown = 0;
  #refTimer: ReturnType<typeof setTimeout> | undefined;
  #code: { phoneNumber: string; code: string; expires: number } | undefined;
  #pending: PendingLink | undefined;

  constructor(
    private readonly connection: PageConnection,
    readonly hello: Hello,
    private readonly network: Network,
  ) {
    this.#mode = hello.mode;
    network.waiting.add(this);
    network.linkingPages++;
    if (this.#mode === 'qr') this.#nextRef();
  }

  refreshRefs(): void {
    this.#mode = 'qr';
    this.#refsShown = 0;
    this.#nextRef();
  }

  /** While a pairing code is being used, QR refs stand still. */
  setMode(mode: LinkingMode): void {
    if (mode === this.#mode) return;
    if (mode === 'qr') this.refreshRefs();
    else this.#stopRefs();
    this.#mode = mode;
  }

  requestCode(request: number, phoneNumber: string): void {
    const phone = this.network.phones.get(phoneNumber);
    if (!phone) {
      const reason = `no phone has the number "${phoneNumber}"`;
      this.connection.send({ type: 'code-refused', request, reason });
      return;
    }
    const characters = Array.from(
      { length: 8 },
      () => CODE_CHARACTERS[randomInt(CODE_CHARACTERS.length)],
    );
    const code = characters.join('');
    this.#code = { phoneNumber, code, expires: Date.now() + this.network.page.codeLifetimeMs };
    this.connection.send({ type: 'code', request, code });
    phone.codeShown();
  }

  codeFor(phoneNumber: string): string | undefined {
    const isValid = this.#code?.phoneNumber === phoneNumber && this.#code.expires > Date.now();
    return isValid ? this.#code?.code : undefined;
  }

  /** Resolves once the page has stored its login. */
  link(link: Link): Promise<Device> {
    if (this.#pending) return Promise.reject(new Error('this page is being linked already'));
    const { keys } = this.hello;
    const proof = linkingProof(link.secret, [keys.noise, keys.identity, link.wid]);
    return new Promise((resolve, reject) => {
      this.#pending = { ...link, resolve, reject };
      const { phone, wid, by, log } = link;
      this.connection.send({
        type: 'pair',
        wid,
        account: phone.account,
        chain: log.seed,
        by,
        proof,
      });
    });
  }

  paired(browser: BrowserInfo): void {
    const { phone, wid, log, resolve } = this.#takePending();
    resolve(new Device(phone, wid, this.hello.keys, browser, log));
    this.leave();
  }

  refused(reason: string): void {
    this.#takePending().reject(new Error(`the page refused: ${reason}`));
  }

  /** The page has gone, or is linked. */
  leave(): void {
    this.#stopRefs();
    this.network.waiting.delete(this);
    this.#pending?.reject(new Error('the page went away while it was being linked'));
    this.#pending = undefined;
  }

  #takePending(): PendingLink {
    const pending = this.#pending;
    if (!pending) throw new Error('stand-in: the page answered a question nobody asked');
    this.#pending = undefined;
    return pending;
  }

  #nextRef(): void {
    const { refCount, refLifetimesMs } = this.network.page;
    clearTimeout(this.#refTimer);
    if (this.#refsShown >= refCount) {
      this.ref = undefined;
      this.connection.send({ type: 'refs-ended' });
      return;
    }
    const lifetimeMs = refLifetimesMs[this.#refsShown === 0 ? 0 : 1];
    this.ref = `2@${randomBytes(48).toString('base64')}`;
    this.#refsShown++;
    this.connection.send({ type: 'ref', ref: this.ref });
    this.#refTimer = setTimeout(() => this.#nextRef(), lifetimeMs);
  }

  #stopRefs(): void {
    clearTimeout(this.#refTimer);
    this.ref = undefined;
  }
}
