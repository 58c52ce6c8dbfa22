import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { HEADS_PREFIX, PACKS_PREFIX } from './format.js';
import type { Head } from './head.js';
import { readHead } from './open-session.js';

/** A session as its head says, which is not proven here: that takes the key. */
export interface ListedSession {
  session: string;
  /** Null when the head cannot be read; `problem` says why. */
  head: Head | null;
  problem: HoldfastError | null;
}

/**
 * The sessions of a store, by name; those that were logged out are left out.
 *
 * @param options.alsoWithoutHead also those of which only packs are left; that lists every pack of
 *   every session. Default: false
 * @throws the store's errors
 */
export async function listSessions(
  store: ObjectStore,
  options: { alsoWithoutHead?: boolean } = {},
): Promise<ListedSession[]> {
  const names = new Set<string>();
  for await (const { key } of store.list(HEADS_PREFIX)) names.add(key.slice(HEADS_PREFIX.length));
  if (options.alsoWithoutHead) {
    for await (const { key } of store.list(PACKS_PREFIX)) names.add(key.split('/')[1] ?? '');
  }
  const sessions: ListedSession[] = [];
  for (const session of [...names].sort()) {
    try {
      const head = (await readHead(store, session))?.decoded.head ?? null;
      if (head !== null && head.state !== 'logged-out') {
        sessions.push({ session, head, problem: null });
      }
    } catch (error) {
      if (!isAboutTheHead(error)) throw error;
      sessions.push({ session, head: null, problem: error });
    }
  }
  return sessions;
}

function isAboutTheHead(error: unknown): error is HoldfastError {
  return (
    error instanceof HoldfastError &&
    ['HEAD_DAMAGED', 'HEAD_LOST', 'FORMAT_UNSUPPORTED', 'INVALID_CLIENT_ID'].includes(error.code)
  );
}
