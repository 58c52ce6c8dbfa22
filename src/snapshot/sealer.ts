import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { FORMAT_VERSION } from './format.js';
import type { ReusableBuffer } from './reusable-buffer.js';

/** Where a blob stands; sealed, it opens nowhere else. */
export interface Place {
  session: string;
  pack: string;
  offset: number;
  kind: 'chunk' | 'manifest';
}

/**
 * Turns content into what is stored, and back. With a data key everything is encrypted and
 * authenticated, and ids say nothing about content to those who lack the key. Without one ids are
 * plain hashes, which tell damage but not a forger.
 */
export interface Sealer {
  readonly isSealed: boolean;
  /** 128 bits of a (keyed) SHA-256, as base64url. */
  idOf(content: Uint8Array): string;
  /** Takes a blob in parts and returns what is stored in parts. */
  seal(blob: Uint8Array[], place: Place): Uint8Array[];
  /**
   * Undefined when it was not sealed by this key for this place.
   *
   * @param memory is used for what is opened, if given
   */
  open(stored: Uint8Array, place: Place, memory?: ReusableBuffer): Uint8Array | undefined;
  /** Authenticates a head's text, as base64url. */
  tagOf(text: string): string;
}

/** How much longer a sealed blob is than its content. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 16;
const SLICE_BYTES = 256 * 1024;

export function createSealer(dataKey: Uint8Array | null, session: string): Sealer {
  return dataKey === null ? new PlainSealer(session) : new KeyedSealer(dataKey, session);
}

class KeyedSealer implements Sealer {
  readonly isSealed = true;
  readonly #sealingKey: Uint8Array;
  readonly #idKey: Uint8Array;
  readonly #headKey: Uint8Array;

  constructor(dataKey: Uint8Array, session: string) {
    const derive = (use: string) =>
      new Uint8Array(hkdfSync('sha256', dataKey, session, `holdfast ${FORMAT_VERSION} ${use}`, 32));
    this.#sealingKey = derive('seal');
    this.#idKey = derive('id');
    this.#headKey = derive('head');
  }

  idOf(content: Uint8Array): string {
    return shorten(createHmac('sha256', this.#idKey).update(content).digest());
  }

  seal(blob: Uint8Array[], place: Place): Uint8Array[] {
    // Random, as a pack whose put failed may be made anew: a counter could repeat there.
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey, nonce);
    cipher.setAAD(describe(place));
    const sealed = blob.flatMap((part) => slices(part).map((slice) => cipher.update(slice)));
    cipher.final();
    return [nonce, ...sealed, cipher.getAuthTag()];
  }

  open(stored: Uint8Array, place: Place, memory?: ReusableBuffer): Uint8Array | undefined {
    if (stored.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = stored.subarray(0, NONCE_BYTES);
    const tagStart = stored.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.#sealingKey, nonce);
    decipher.setAAD(describe(place));
    decipher.setAuthTag(stored.subarray(tagStart));
    const length = tagStart - NONCE_BYTES;
    const content = memory?.take(length) ?? Buffer.allocUnsafe(length);
    let filled = 0;
    for (const slice of slices(stored.subarray(NONCE_BYTES, tagStart))) {
      content.set(decipher.update(slice), filled);
      filled += slice.length;
    }
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return content;
  }

  tagOf(text: string): string {
    return createHmac('sha256', this.#headKey).update(text).digest('base64url');
  }
}

class PlainSealer implements Sealer {
  readonly isSealed = false;

  constructor(private readonly session: string) {}

  idOf(content: Uint8Array): string {
    return shorten(createHash('sha256').update(content).digest());
  }

  seal(blob: Uint8Array[]): Uint8Array[] {
    // Whoever gave it uses its memory again.
    return blob.map((part) => Buffer.from(part));
  }

  open(stored: Uint8Array): Uint8Array {
    return stored;
  }

  tagOf(text: string): string {
    return createHash('sha256').update(`${this.session}\n${text}`).digest('base64url');
  }
}

/** Small ones: large ones would wait longer for the garbage collector, and add up. */
function slices(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    parts.push(bytes.subarray(at, at + SLICE_BYTES));
  }
  return parts;
}

export function isSameTag(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function shorten(digest: Buffer): string {
  return digest.subarray(0, ID_BYTES).toString('base64url');
}

function describe({ session, pack, offset, kind }: Place): Uint8Array {
  return Buffer.from(`holdfast ${FORMAT_VERSION}\0${session}\0${pack}\0${offset}\0${kind}`);
}
