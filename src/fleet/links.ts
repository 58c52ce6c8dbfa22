import { createHash, randomBytes } from 'node:crypto';
import type { ObjectStore } from '../objects/object-store.js';
import { flag, parseJson, record, requireFormat, text as textOf } from '../snapshot/decode.js';
import { FORMAT_VERSION } from '../snapshot/format.js';
import { newNonce } from '../snapshot/head.js';
import { changeCell } from './change-cell.js';
import type { Proof } from './proof.js';

const LINKS_PREFIX = 'fleet/links/';
const TOKEN = /^[-\w]{43}$/;

interface Link {
  id: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
  isUsed: boolean;
}

export type OpenedLink =
  | { id: string; expiresAt: string }
  | { state: 'unknown' | 'expired' | 'used' };

/**
 * Links by which a customer may link one session's device. The store holds only hashes: who reads it
 * cannot open one.
 */
export class Links {
  readonly #store: ObjectStore;
  readonly #proof: Proof;

  constructor(store: ObjectStore, proof: Proof) {
    this.#store = store;
    this.#proof = proof;
  }

  async create(id: string, validMs: number): Promise<{ token: string; expiresAt: string }> {
    await this.#sweep();
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(Date.now() + validMs).toISOString();
    const key = keyOf(token);
    await this.#store.swapCell(key, this.#encode(key, { id, expiresAt, isUsed: false }), null);
    return { token, expiresAt };
  }

  async open(token: string): Promise<OpenedLink> {
    if (!TOKEN.test(token)) return { state: 'unknown' };
    const key = keyOf(token);
    const link = await this.#read(key);
    if (link === null) return { state: 'unknown' };
    if (isExpired(link)) {
      await this.#store.delete([key]);
      return { state: 'expired' };
    }
    return link.isUsed ? { state: 'used' } : { id: link.id, expiresAt: link.expiresAt };
  }

  /** The session's device was linked: its links have done what they were for. */
  async useUp(id: string): Promise<void> {
    for await (const { key } of this.#store.list(LINKS_PREFIX)) {
      if ((await this.#read(key))?.id !== id) continue;
      await changeCell<Link | null>(this.#store, key, {
        decode: (value) => this.#decode(key, value),
        change: (link) => (link === null || link.isUsed ? null : { ...link, isUsed: true }),
        encode: (link) => this.#encode(key, link as Link),
      });
    }
  }

  /** Of a session that is there no more. */
  async remove(id: string): Promise<void> {
    await this.#deleteWhere((link) => link.id === id);
  }

  async #sweep(): Promise<void> {
    await this.#deleteWhere(isExpired);
  }

  async #deleteWhere(isGone: (link: Link) => boolean): Promise<void> {
    for await (const { key } of this.#store.list(LINKS_PREFIX)) {
      const link = await this.#read(key);
      if (link !== null && isGone(link)) await this.#store.delete([key]);
    }
  }

  #encode(key: string, { id, expiresAt, isUsed }: Link): Uint8Array {
    const cell = {
      format: FORMAT_VERSION,
      nonce: newNonce(),
      session: id,
      expiresAt,
      used: isUsed,
    };
    return Buffer.from(this.#proof.sign(key, JSON.stringify(cell)));
  }

  #decode(key: string, value: Uint8Array | null): Link | null {
    const proven = value && this.#proof.open(key, Buffer.from(value).toString());
    return proven ? decode(proven) : null;
  }

  async #read(key: string): Promise<Link | null> {
    return this.#decode(key, (await this.#store.readCell(key))?.value ?? null);
  }
}

function keyOf(token: string): string {
  return LINKS_PREFIX + createHash('sha256').update(token).digest('hex');
}

function isExpired({ expiresAt }: Link): boolean {
  // Not `<`: a time that is none has passed.
  return !(Date.parse(expiresAt) > Date.now());
}

/** One that cannot be understood opens nothing. */
function decode(text: string): Link | null {
  try {
    const parsed = parseJson(text);
    requireFormat(parsed);
    const members = ['format', 'nonce', 'session', 'expiresAt', 'used'] as const;
    const cell = record(parsed, 'the link', members);
    return {
      id: textOf(cell.session, 'session'),
      expiresAt: textOf(cell.expiresAt, 'expiresAt'),
      isUsed: flag(cell.used, 'used'),
    };
  } catch {
    return null;
  }
}
