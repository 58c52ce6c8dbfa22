import assert from 'node:assert/strict';
import type { ObjectStore } from '../objects/object-store.js';

/** A test, for any test runner: it passes when `run()` resolves. */
export interface ContractTest {
  name: string;
  run(): Promise<void>;
}

/** How the suite gets at the store that it tests. */
export interface ObjectStoreContractOptions {
  /** A store with nothing in it. Called for every test. */
  create(): ObjectStore | Promise<ObjectStore>;
  /**
   * A second instance on the place of the first, as another process or machine would have it.
   * Without it, what they see of each other is not tested.
   */
  reopen?(store: ObjectStore): ObjectStore | Promise<ObjectStore>;
  /**
   * Makes the place of the store unreachable: closes its connection, takes its disk away. Without
   * it, that "could not be asked" never looks like "not here" is not tested.
   */
  breakStore?(store: ObjectStore): void | Promise<void>;
  /** Called for every store at the end of its test. */
  dispose?(store: ObjectStore): void | Promise<void>;
}

export type Check = (store: ObjectStore) => Promise<void>;

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that compress badly and hold every value. */
export function manyBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function assertBytes(actual: Uint8Array | null, expected: Uint8Array, what: string): void {
  assert.ok(actual !== null, `${what} is not here`);
  assert.ok(actual instanceof Uint8Array, `${what} is not a Uint8Array`);
  assert.equal(actual.length, expected.length, `${what} has another length`);
  assert.ok(Buffer.from(actual).equals(Buffer.from(expected)), `${what} has other bytes`);
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Some at once, as the library does: not one after another, not all together. */
export async function forEachKey(
  keys: readonly string[],
  work: (key: string) => Promise<unknown>,
): Promise<void> {
  const waiting = keys.values();
  const workers = Array.from({ length: 16 }, async () => {
    for (const key of waiting) await work(key);
  });
  await Promise.all(workers);
}

export async function assertRejects(
  promise: Promise<unknown>,
  codes: readonly string[],
  what: string,
): Promise<void> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok('error' in outcome, `${what} must reject with ${codes.join(' or ')}, but resolved`);
  const { code } = outcome.error as { code?: unknown };
  assert.ok(
    codes.includes(code as string),
    `${what} must reject with ${codes.join(' or ')}, but did with ${code}: ${outcome.error}`,
  );
}
