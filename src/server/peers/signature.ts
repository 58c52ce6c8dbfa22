import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../auth/caller.js';

export const SIGNATURE_HEADER = 'X-Holdfast-Worker';
/** For how long one is good, before and after its time: clocks differ. */
export const WINDOW_MS = 60_000;

/** What a worker vouches for. */
export interface Signed {
  method: string;
  /** With the query. */
  path: string;
  /** SHA-256 of the body, base64url. */
  bodyHash: string;
  role: Role;
  /** The id of the worker that it is for: no other accepts it. */
  to: string;
  /** In milliseconds since 1970. */
  time: number;
  nonce: string;
}

const SHAPE =
  /^role=(admin|viewer),time=(\d{1,16}),nonce=([-\w]{22}),body=([-\w]{43}),mac=([-\w]{43})$/;

export function bodyHashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url');
}

/** @returns the value of the header */
export function sign(
  key: Uint8Array,
  request: Omit<Signed, 'time' | 'nonce'>,
  time = Date.now(),
): string {
  const signed = { ...request, time, nonce: randomBytes(16).toString('base64url') };
  const { role, nonce, bodyHash } = signed;
  const mac = macOf(key, signed).toString('base64url');
  return `role=${role},time=${time},nonce=${nonce},body=${bodyHash},mac=${mac}`;
}

/** @returns what was signed, whenever that was; null: nobody who knows the key has signed it */
export function openSignature(
  key: Uint8Array,
  header: string,
  { method, path, to }: Pick<Signed, 'method' | 'path' | 'to'>,
): Signed | null {
  const parts = SHAPE.exec(header);
  if (parts === null) return null;
  const [, role, time, nonce = '', bodyHash = '', mac = ''] = parts;
  const signed = { method, path, to, role: role as Role, time: Number(time), nonce, bodyHash };
  const given = Buffer.from(mac, 'base64url');
  const right = macOf(key, signed);
  return given.length === right.length && timingSafeEqual(given, right) ? signed : null;
}

function macOf(key: Uint8Array, signed: Signed): Buffer {
  const { method, path, bodyHash, role, to, time, nonce } = signed;
  // As JSON: no two requests have one text.
  const text = JSON.stringify([1, method, path, bodyHash, role, to, time, nonce]);
  return createHmac('sha256', key).update(text).digest();
}
