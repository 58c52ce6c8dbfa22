import { createHash, randomBytes } from 'node:crypto';
import type { ObjectStore } from '../objects/object-store.js';
import { flag, parseJson, record, requireFormat, text } from '../snapshot/decode.js';
import { FORMAT_VERSION } from '../snapshot/format.js';
import { newNonce } from '../snapshot/head.js';
import { changeCell } from './change-cell.js';

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

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async create(id: string, validMs: number): Promise<{ token: string; expiresAt: string }> {
    await this.#sweep();
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(Date.now() + validMs).toISOString();
    await this.#store.swapCell(keyOf(token), encode({ id, expiresAt, isUsed: false }), null);
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
        decode,
        change: (link) => (link === null || link.isUsed ? null : { ...link, isUsed: true }),
        encode: (link) => encode(link as Link),
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

  async #read(key: string): Promise<Link | null> {
    return decode((await this.#store.readCell(key))?.value ?? null);
  }
}

function keyOf(token: string): string {
  return LINKS_PREFIX + createHash('sha256').update(token).digest('hex');
}

function isExpired({ expiresAt }: Link): boolean {
  // Not `<`: a time that is none has passed.
  return !(Date.parse(expiresAt) > Date.now());
}

function encode({ id, expiresAt, isUsed }: Link): Uint8Array {
  const cell = { format: FORMAT_VERSION, nonce: newNonce(), session: id, expiresAt, used: isUsed };
  return Buffer.from(JSON.stringify(cell));
}

/** One that cannot be understood opens nothing. */
function decode(value: Uint8Array | null): Link | null {
  if (value === null) return null;
  try {
    const parsed = parseJson(Buffer.from(value).toString());
    requireFormat(parsed);
    const members = ['format', 'nonce', 'session', 'expiresAt', 'used'] as const;
    const cell = record(parsed, 'the link', members);
    return {
      id: text(cell.session, 'session'),
      expiresAt: text(cell.expiresAt, 'expiresAt'),
      isUsed: flag(cell.used, 'used'),
    };
  } catch {
    return null;
  }
}
