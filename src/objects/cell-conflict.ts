import { HoldfastError } from '../errors.js';

/** What every backend throws when a cell is at another version than the swap expects. */
export function cellConflict(key: string, expectedVersion: string | null): HoldfastError {
  const expected =
    expectedVersion === null ? 'it was expected not to be there' : `not at ${expectedVersion}`;
  return new HoldfastError(
    'CELL_CONFLICT',
    `The cell ${key} has been changed by someone else (${expected}). Read it again.`,
  );
}
