import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Proves that what lies in the store was written by a worker of this fleet, and not by somebody who
 * can only write to the store: an invented worker would be asked for QRs and sent messages.
 */
export class Proof {
  readonly #key: Uint8Array | null;

  /** @param key null: the workers have no secret, and everything is believed */
  constructor(key: Uint8Array | null) {
    this.#key = key;
  }

  /** @param where it is not proven for any other place */
  sign(where: string, text: string): string {
    return this.#key === null ? text : `${text}\n${tagOf(this.#key, where, text)}`;
  }

  /** What was signed for this place; null when no worker of this fleet has. */
  open(where: string, signed: string): string | null {
    const [text = '', tag = ''] = signed.split('\n');
    if (this.#key === null) return text;
    const expected = Buffer.from(tagOf(this.#key, where, text));
    const given = Buffer.from(tag);
    const isProven = given.length === expected.length && timingSafeEqual(given, expected);
    return isProven ? text : null;
  }
}

function tagOf(key: Uint8Array, where: string, text: string): string {
  return createHmac('sha256', key).update(`${where}\n${text}`).digest('base64url');
}
