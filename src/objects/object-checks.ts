import { HoldfastError } from '../errors.js';
import { type ByteRange, MAX_CELL_BYTES, MAX_OBJECT_BYTES } from './object-store.js';

const MAX_KEY_LENGTH = 512;
const CHARACTERS = /^[A-Za-z0-9._/-]*$/;

/**
 * What a backend checks of its arguments, so that a key that one backend takes, all take.
 *
 * @throws {HoldfastError} INVALID_OPTION
 */
export function checkKey(key: string): void {
  checkPrefix(key);
  const isRight = key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isRight) {
    throw invalid(
      `The key "${key}" cannot be used: between slashes there must be something, ` +
        'and neither "." nor "..".',
    );
  }
}

/** A prefix may end anywhere in a key. */
export function checkPrefix(prefix: string): void {
  if (typeof prefix !== 'string') throw invalid(`A key must be a string, not a ${typeof prefix}.`);
  if (prefix.length > MAX_KEY_LENGTH) {
    throw invalid(
      `A key may have at most ${MAX_KEY_LENGTH} characters, but this one has ${prefix.length}.`,
    );
  }
  if (!CHARACTERS.test(prefix)) {
    throw invalid(`The key "${prefix}" has other characters than A-Z a-z 0-9 . _ - and /.`);
  }
}

export function checkRange(range: ByteRange): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw invalid(
      `There are no bytes ${start} to ${end}: give whole numbers, the end not before the start.`,
    );
  }
}

export function checkObjectBytes(key: string, bytes: Uint8Array): void {
  checkBytes(`The object ${key}`, bytes, MAX_OBJECT_BYTES);
}

export function checkCellBytes(key: string, value: Uint8Array): void {
  checkBytes(`The value of the cell ${key}`, value, MAX_CELL_BYTES);
}

function checkBytes(what: string, bytes: Uint8Array, max: number): void {
  if (!(bytes instanceof Uint8Array)) throw invalid(`${what} must be a Uint8Array.`);
  if (bytes.length > max) {
    throw invalid(`${what} may have at most ${max} bytes, but has ${bytes.length}.`);
  }
}

function invalid(message: string): HoldfastError {
  return new HoldfastError('INVALID_OPTION', message);
}
