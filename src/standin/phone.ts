import { Device, type DeviceRecord } from './device.js';
import { composeMessage } from './messages.js';
import type { Network } from './network.js';
import { UpdateLog } from './update-log.js';
import { Waiters, type WaitOptions } from './waiters.js';
import type { WaitingPage } from './waiting-page.js';
import type { Account, WireMessage } from './wire.js';

/** A phone with its account: links browsers and talks to them. */
export class Phone {
  readonly account: Account;
  /** Whether what a device sends is delivered and read at once (acks 2 and 3). */
  readsMessages = true;
  /** Whether lost messages that a page asks for again are sent again. */
  answersResend = true;
  #devices = new Map<string, Device>();
  #lastDeviceNumber = 0;
  #waiters = new Waiters();

  constructor(
    /** International, digits only. */
    readonly number: string,
    private readonly network: Network,
  ) {
    const lid = [...number].reverse().join('');
    this.account = {
      pn: `${number}@c.us`,
      lid: `${lid}@lid`,
      pushname: `Phone ${number.slice(-4)}`,
      platform: 'android',
    };
  }

  /** Linked now. */
  get devices(): Device[] {
    return [...this.#devices.values()].filter((device) => device.linked);
  }

  /** Links the page that shows this QR code; rejects with what is wrong with the code. */
  async scan(qr: string): Promise<Device> {
    const parts = qr.split(',');
    const [ref, noise, identity, advSecret, platform] = parts;
    if (parts.length !== 5 || !advSecret) throw new Error(`not a QR code of a page: "${qr}"`);
    const page = [...this.network.waiting].find((waiting) => waiting.ref === ref);
    if (!page) throw new Error(`ref "${ref}" is not valid now: it has expired or never was`);
    if (page.hello.keys.noise !== noise) throw new Error('the static key is not the page’s');
    if (page.hello.keys.identity !== identity)
      throw new Error('the identity key is not the page’s');
    if (page.hello.platform !== platform) throw new Error(`wrong platform "${platform}"`);
    return this.#link(page, 'advSecret', advSecret);
  }

  /** Links the page that shows this pairing code for this phone's number. */
  async enterCode(code: string): Promise<Device> {
    const page = this.#pageWithCode();
    if (page?.codeFor(this.number) !== code)
      throw new Error(`pairing code "${code}" is not valid now`);
    return this.#link(page, 'code', code);
  }

  /** The pairing code a page shows for this phone's number. */
  async waitForCode(options: WaitOptions = {}): Promise<string> {
    await this.#waiters.until('pairing code', () => this.#pageWithCode() !== undefined, options);
    return this.#pageWithCode()?.codeFor(this.number) ?? this.waitForCode(options);
  }

  /** The phone's owner writes to somebody; every linked device gets a copy. */
  async send(message: { to: string; body: string }): Promise<string> {
    const { to, body } = message;
    const { pushname } = this.account;
    const copy = { ...composeMessage({ from: to, body }), fromMe: true, notifyName: pushname };
    await Promise.all(
      this.devices.map((device) => device.deliver({ kind: 'message', message: copy })),
    );
    return copy.id;
  }

  /** A device, linked or not any more. */
  device(wid: string): Device | undefined {
    return this.#devices.get(wid);
  }

  /** A device of an earlier stand-in, for a profile that was kept longer than that one. */
  addDevice({ wid, keys, browser, log }: DeviceRecord): Device {
    const number = Number(/^(\d+):(\d+)@/.exec(wid)?.[2]);
    if (!wid.startsWith(`${this.number}:`) || this.#devices.has(wid)) {
      throw new Error(`device ${wid} cannot be added to the phone ${this.number}`);
    }
    const device = new Device(this, wid, keys, browser, new UpdateLog(log));
    this.#devices.set(wid, device);
    this.#lastDeviceNumber = Math.max(this.#lastDeviceNumber, number);
    return device;
  }

  codeShown(): void {
    this.#waiters.changed();
  }

  /** What one device sends, the others of the account get too. */
  messageSent(from: Device, message: WireMessage): void {
    for (const device of this.devices) {
      if (device !== from) device.queue({ kind: 'message', message });
    }
  }

  close(): void {
    this.#waiters.close();
    for (const device of this.#devices.values()) device.close();
  }

  #pageWithCode(): WaitingPage | undefined {
    return [...this.network.waiting].find((page) => page.codeFor(this.number) !== undefined);
  }

  async #link(page: WaitingPage, by: 'advSecret' | 'code', secret: string): Promise<Device> {
    const wid = `${this.number}:${++this.#lastDeviceNumber}@c.us`;
    const device = await page.link({ phone: this, wid, by, secret, log: new UpdateLog() });
    this.#devices.set(wid, device);
    return device;
  }
}
