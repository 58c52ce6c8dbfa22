import { HoldfastError } from '../errors.js';
import { warn } from '../system/warn.js';
import type { WhatsAppPage } from '../whatsapp/whatsapp-page.js';

export interface PairingRequest {
  phoneNumber: string;
  showNotification: boolean;
  intervalMs: number;
}

/** Pairing codes for one phone number, a new one whenever the last has run out. */
export class PairingCodes {
  readonly request: PairingRequest;
  readonly #page: WhatsAppPage;
  readonly #onCode: (code: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(page: WhatsAppPage, request: PairingRequest, onCode: (code: string) => void) {
    this.#page = page;
    this.request = request;
    this.#onCode = onCode;
  }

  /** The first code. */
  async start(): Promise<string> {
    const { phoneNumber, showNotification } = this.request;
    const code = await this.#page.requestCode(phoneNumber, showNotification);
    if (!this.#isStopped) {
      this.#onCode(code);
      this.#renewLater();
    }
    return code;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #renewLater(): void {
    this.#timer = setTimeout(() => {
      this.start().catch((error: Error) => {
        if (this.#isStopped) return;
        warn('PAIRING_CODE_FAILED', `No new pairing code could be had: ${error.message}`);
        this.#renewLater();
      });
    }, this.request.intervalMs);
  }
}

/** @throws {HoldfastError} INVALID_PHONE_NUMBER */
export function digitsOf(phoneNumber: unknown): string {
  const digits = String(phoneNumber).replace(/[\s+().-]/g, '');
  // ITU-T E.164: at most 15 digits, country code first, which never starts with 0.
  if (/^[1-9]\d{5,14}$/.test(digits)) return digits;
  throw new HoldfastError(
    'INVALID_PHONE_NUMBER',
    `${JSON.stringify(phoneNumber)} is no international phone number. ` +
      'Give the country code and the number, digits only, such as 12025550108.',
  );
}
