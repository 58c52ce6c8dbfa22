import { FORMAT_VERSION } from './format.js';

/** Bytes or JSON that do not follow the format; the message says where they leave it. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** Its `format` is not this version's. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat';
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FormatError('it is no JSON');
  }
}

/**
 * Comes before everything else that is looked at: another format may have any members.
 *
 * @throws {UnknownFormat}
 */
export function requireFormat(value: unknown): void {
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format !== FORMAT_VERSION) throw new UnknownFormat();
}

/** An object with exactly these members, since one that is not known may change what others mean. */
export function record<K extends string>(
  value: unknown,
  what: string,
  members: readonly K[],
): Record<K, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormatError(`${what} is no object`);
  }
  const unknown = Object.keys(value).find((name) => !members.includes(name as K));
  if (unknown !== undefined) throw new FormatError(`${what} has an unknown member ${unknown}`);
  return value as Record<K, unknown>;
}

export function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new FormatError(`${what} is no list`);
  return value;
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new FormatError(`${what} is no text`);
  return value;
}

export function textOrNull(value: unknown, what: string): string | null {
  return value === null ? null : text(value, what);
}

export function flag(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new FormatError(`${what} is neither true nor false`);
  return value;
}

export function count(value: unknown, what: string, least = 0): number {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new FormatError(`${what} is no whole number of at least ${least}`);
  }
  return value as number;
}
