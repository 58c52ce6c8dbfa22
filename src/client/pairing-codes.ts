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

  /** The first code. @throws {HoldfastError} LINKING_FAILED, PAGE_CHANGED */
  async start(): Promise<string> {
    const code = await this.#request();
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

  async #request(): Promise<string> {
    const { phoneNumber, showNotification } = this.request;
    try {
      return await this.#page.requestCode(phoneNumber, showNotification);
    } catch (cause) {
      if (cause instanceof HoldfastError) throw cause;
      throw new HoldfastError(
        'LINKING_FAILED',
        `WhatsApp gave no pairing code for ${phoneNumber}: ${(cause as Error).message}`,
        { cause },
      );
    }
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
