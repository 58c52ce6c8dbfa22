/**
 * What whatsapp-web.js asks of a store for its `RemoteAuth`, in its own words: one zip of a browser
 * profile per session. Any class with these four methods is one, whoever wrote it.
 *
 * `session` is `RemoteAuth` or `RemoteAuth-<clientId>`.
 */
export interface Store {
  /** Whether the session has been saved. Rejects when that cannot be told. */
  sessionExists(options: { session: string }): Promise<boolean>;

  /**
   * Keeps the file `${session}.zip`, which then replaces what was kept of the session before. The
   * file is not named: it lies in the working directory, or where the store was told to look.
   */
  save(options: { session: string }): Promise<unknown>;

  /** Writes what was saved last to the file `path`. Rejects when there is nothing. */
  extract(options: { session: string; path: string }): Promise<unknown>;

  /** Forgets the session; one that was never saved is no error. */
  delete(options: { session: string }): Promise<unknown>;
}
