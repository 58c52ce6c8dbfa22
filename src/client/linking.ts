import type { WhatsAppPage } from '../whatsapp/whatsapp-page.js';
import type { ResolvedOptions } from './options.js';
import { PairingCodes, type PairingRequest } from './pairing-codes.js';
import { digitsOf } from './phone-number.js';

export interface LinkingEvents {
  onQr(qr: string): void;
  onCode(code: string): void;
  onTooManyQrs(): void;
}

/** How a device that is not linked gets linked: by QR, or by a pairing code. */
export class Linking {
  readonly #page: WhatsAppPage;
  readonly #options: ResolvedOptions;
  readonly #events: LinkingEvents;
  #codes: PairingCodes | null = null;
  #qrCount = 0;

  constructor(page: WhatsAppPage, options: ResolvedOptions, events: LinkingEvents) {
    this.#page = page;
    this.#options = options;
    this.#events = events;
  }

  /** Offers what the options ask for, or goes on with what was asked for since. */
  async offer(): Promise<void> {
    const { pairWithPhoneNumber } = this.#options;
    const request =
      this.#codes?.request ?? (pairWithPhoneNumber.phoneNumber ? pairWithPhoneNumber : null);
    if (request === null) await this.#page.showQr();
    else await this.requestCode(request);
  }

  onQr(qr: string): void {
    if (this.#codes !== null) return;
    this.#events.onQr(qr);
    const { qrMaxRetries } = this.#options;
    this.#qrCount++;
    if (qrMaxRetries > 0 && this.#qrCount > qrMaxRetries) this.#events.onTooManyQrs();
  }

  /** @returns the first code; later ones come as events */
  async requestCode(request: PairingRequest): Promise<string> {
    const digits = digitsOf(request.phoneNumber);
    this.#codes?.stop();
    const codes = new PairingCodes(
      this.#page,
      { ...request, phoneNumber: digits },
      this.#events.onCode,
    );
    this.#codes = codes;
    try {
      return await codes.start();
    } catch (error) {
      // Without a code there would be no way to link at all. The first error is the one that counts.
      if (this.#codes === codes) await this.backToQr().catch(() => undefined);
      throw error;
    }
  }

  async backToQr(): Promise<void> {
    this.stop();
    await this.#page.backToQr();
  }

  /** The device is linked, or linking is over. */
  stop(): void {
    this.#codes?.stop();
    this.#codes = null;
    this.#qrCount = 0;
  }
}
