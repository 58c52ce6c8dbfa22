import { HoldfastError } from '../errors.js';

/**
 * How far above all that is known the generation goes when the head cannot say it: a writer that
 * opened the session and has not saved yet left no trace of its own. Two of one generation could
 * give two packs one name.
 */
export const GENERATIONS_UNSEEN = 1000;

/** What a conflict means to someone who changes a session's cells from outside. */
export function takenMeanwhile(error: unknown, session: string): unknown {
  if (!(error instanceof HoldfastError) || error.code !== 'CELL_CONFLICT') return error;
  return new HoldfastError(
    'SESSION_TAKEN',
    `The session ${session} is being saved by another process. End that first, or try again.`,
    { cause: error, transient: true },
  );
}
