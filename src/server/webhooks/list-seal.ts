import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;

/**
 * Seals the list of webhooks with a key of the fleet's secret: URLs often hold tokens, and whoever can
 * write to the store is not to have messages sent to himself.
 */
export class ListSeal {
  readonly #key: Uint8Array;

  constructor(
    secret: Uint8Array,
    private readonly place: string,
  ) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'holdfast webhook list', 32));
  }

  /** @param nonce random, 12 bytes as base64url */
  seal(text: string, nonce: string): string {
    const cipher = createCipheriv(CIPHER, this.#key, Buffer.from(nonce, 'base64url'));
    cipher.setAAD(Buffer.from(this.place));
    const sealed = [cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64');
  }

  /** @throws when it was not sealed with this key */
  open(sealed: string, nonce: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const key = this.#key;
    const iv = Buffer.from(nonce, 'base64url');
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(this.place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const opened = [decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString();
  }
}
