import type { LinkingMode, Pair } from '../wire.js';
import { encodeB64, hmac } from './bytes.js';
import type { Login } from './login.js';
import { Model } from './model.js';
import type { Wire } from './socket.js';

/** `WAWebConnModel.Conn`. */
export class ConnModel extends Model {
  ref: string | undefined;
  pushname: string | undefined;
  platform: string | undefined;
  battery: number | undefined;
  plugged: boolean | undefined;
}

/** The phone shows this platform for a browser. */
export const DEVICE_PLATFORM = '1';

/** Linking this page to a phone, by QR code or by pairing code. */
export class Linking {
  mode: LinkingMode = 'qr';
  readonly advSecret = encodeB64(crypto.getRandomValues(new Uint8Array(32)));
  #code: string | undefined;
  #requests = new Map<
    number,
    { resolve: (code: string) => void; reject: (error: Error) => void }
  >();
  #lastRequest = 0;

  constructor(private readonly wire: Wire) {}

  switchTo(mode: LinkingMode): void {
    if (this.mode === mode) return;
    this.mode = mode;
    this.wire.send({ type: 'linking-mode', mode });
  }

  refreshQR(): void {
    this.mode = 'qr';
    this.wire.send({ type: 'refresh-refs' });
  }

  requestCode(phoneNumber: string): Promise<string> {
    const request = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#requests.set(request, { resolve, reject });
      if (!this.wire.send({ type: 'request-code', request, phoneNumber })) {
        this.codeRefused(request, 'there is no connection');
      }
    });
  }

  codeArrived(request: number, code: string): void {
    this.#code = code;
    this.#requests.get(request)?.resolve(code);
    this.#requests.delete(request);
  }

  codeRefused(request: number, reason: string): void {
    this.#requests.get(request)?.reject(new Error(`no pairing code: ${reason}`));
    this.#requests.delete(request);
  }

  /** Whether the phone has seen this page's adv secret or code, and means these keys. */
  async isGenuine(pair: Pair, login: Login): Promise<boolean> {
    const secret = pair.by === 'advSecret' ? this.advSecret : this.#code;
    if (secret === undefined) return false;
    const said = [encodeB64(login.noise.pubKey), encodeB64(login.identity.pubKey), pair.wid];
    return pair.proof === (await hmac(secret, said.join(',')));
  }
}
