/**
 * What whatsapp-web.js's own RemoteAuth has kept in a place by its stores: one zip of a browser
 * profile per session. It is read and deleted, never written.
 *
 * Errors are those of an `ObjectStore`: an archive that could not be asked for is never taken for
 * one that is not there.
 */
export interface FormerArchives {
  /**
   * The newest archive of a session, under whichever name it was kept; null when there is none.
   *
   * @param session `RemoteAuth` or `RemoteAuth-<clientId>`
   */
  find(session: string): Promise<FormerArchive | null>;

  /** The newest archive of every session that has one, in the order of their names. */
  list(): Promise<FormerArchive[]>;

  /** Deletes every archive of a session; resolves when they are gone. None is no error. */
  delete(session: string): Promise<void>;
}

export interface FormerArchive {
  session: string;
  /** Where it lies, for people: `the GridFS bucket whatsapp-RemoteAuth`. */
  place: string;
  bytes: number;
  savedAt: Date | null;
  /** Its bytes in order, in pieces of any size. */
  read(): AsyncIterable<Uint8Array>;
}
