import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';

const MOST_TRIES = 30;
const PAUSE_MS = 20;

export interface CellChange<T> {
  /** Null: the cell is not here. */
  decode(value: Uint8Array | null): T;
  /** Null: it is to stay as it is. May throw; called again when somebody else was faster. */
  change(now: T): T | null;
  /** Must put something random into it. */
  encode(next: T): Uint8Array;
}

/**
 * Changes what a cell says, whoever else changes it meanwhile.
 *
 * @returns what it says now
 * @throws {HoldfastError} CELL_CONFLICT when others are faster again and again, what the functions
 *   throw, and the store's errors
 */
export async function changeCell<T>(
  store: ObjectStore,
  key: string,
  { decode, change, encode }: CellChange<T>,
): Promise<T> {
  let written: Uint8Array | null = null;
  for (let tries = 1; ; tries++) {
    const cell = await store.readCell(key);
    const now = decode(cell?.value ?? null);
    // A swap whose answer was lost may have happened: then what it brought is here.
    if (written !== null && cell !== null && isSame(cell.value, written)) return now;
    const next = change(now);
    if (next === null) return now;
    written = encode(next);
    try {
      await store.swapCell(key, written, cell?.version ?? null);
      return next;
    } catch (error) {
      const isConflict = error instanceof HoldfastError && error.code === 'CELL_CONFLICT';
      if (!isConflict || tries === MOST_TRIES) {
        const after = await store.readCell(key).catch(() => null);
        if (after !== null && isSame(after.value, written)) return next;
        throw error;
      }
      await sleep(Math.random() * PAUSE_MS * Math.min(tries, 10));
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
