/**
 * What whatsapp-web.js's own RemoteAuth has kept in a place by its stores: one zip of a browser
 * profile per session. It is read and deleted, never written.
 *
 * A `signal` tells that the answer is not waited for any more. Errors are those of an `ObjectStore`: an archive that could not be asked for is never taken for
 * one that is not there.
 */
export interface FormerArchives {
  /**
   * The newest archive of a session, under whichever name it was kept; null when there is none.
   *
   * @param session `RemoteAuth` or `RemoteAuth-<clientId>`
   */
  find(session: string, signal?: AbortSignal): Promise<FormerArchive | null>;

  /** The newest archive of every session that has one, in the order of their names. */
  list(signal?: AbortSignal): Promise<FormerArchive[]>;

  /** Deletes every archive of a session; resolves when they are gone. None is no error. */
  delete(session: string, signal?: AbortSignal): Promise<void>;
}

export interface FormerArchive {
  session: string;
  /** Where it lies, for people: `the GridFS bucket whatsapp-RemoteAuth`. */
  place: string;
  bytes: number;
  savedAt: Date | null;
  /**
   * Its bytes in order, in pieces of at most 8 MiB. Called again, also from another position, it
   * reads the same archive, or throws when that was replaced.
   *
   * @param from where to begin; default: at its first byte
   */
  read(from?: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}
