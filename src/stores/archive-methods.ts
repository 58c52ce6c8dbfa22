import { stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { exportSession } from '../snapshot/archive/export-session.js';
import { importArchive } from '../snapshot/archive/import-archive.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import { readHead } from '../snapshot/open-session.js';
import { removeSession } from '../snapshot/remove-session.js';
import type { Retention } from '../snapshot/retention.js';
import type { Store } from './store.js';

/** What a store needs to know to serve whatsapp-web.js's own RemoteAuth. */
export interface ArchiveMethodOptions {
  /** Seals what `save` keeps, and opens it for `extract`. */
  encryptionKey?: EncryptionKey | undefined;
  /** The `dataPath` of whatsapp-web.js's RemoteAuth. Default: `./.wwebjs_auth`. */
  dataPath?: string | undefined;
  retention?: Retention | undefined;
}

/**
 * whatsapp-web.js's four methods as a view on the snapshots of an object store: what is saved as an
 * archive is kept as a snapshot like any other, incrementally and sealed, and the other way round.
 */
export class ArchiveMethods implements Store {
  readonly #store: ObjectStore;
  readonly #options: ArchiveMethodOptions;

  constructor(store: ObjectStore, options: ArchiveMethodOptions) {
    this.#store = store;
    this.#options = options;
  }

  async sessionExists({ session }: { session: string }): Promise<boolean> {
    const head = (await readHead(this.#store, nameOf(session)))?.decoded.head;
    return head?.state === 'linked' && head.snapshots.length > 0;
  }

  async save({ session }: { session: string }): Promise<void> {
    const { encryptionKey, retention } = this.#options;
    const zipFile = await this.#findArchive(session);
    const store = this.#store;
    await importArchive({ store, session: nameOf(session), encryptionKey, retention, zipFile });
  }

  async extract({ session, path: zipFile }: { session: string; path: string }): Promise<void> {
    const { encryptionKey } = this.#options;
    await exportSession({
      store: this.#store,
      session: nameOf(session),
      encryptionKey,
      zipFile,
    });
  }

  async delete({ session }: { session: string }): Promise<void> {
    try {
      await removeSession(this.#store, nameOf(session));
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'SESSION_NOT_FOUND') throw error;
    }
  }

  /**
   * whatsapp-web.js writes the archive to its data path and tells stores its name, from which they
   * conclude a path in the working directory; newer versions tell the path without its ending.
   */
  async #findArchive(session: string): Promise<string> {
    const dataPath = this.#options.dataPath ?? './.wwebjs_auth';
    const places = [`${session}.zip`, path.join(dataPath, `${nameOf(session)}.zip`)];
    const found: { file: string; time: number }[] = [];
    for (const place of places.map((each) => path.resolve(each))) {
      const stats = await stat(place).catch(() => null);
      if (stats?.isFile()) found.push({ file: place, time: stats.mtimeMs });
    }
    const newest = found.sort((a, b) => b.time - a.time)[0];
    if (newest) return newest.file;
    throw new HoldfastError(
      'ARCHIVE_NOT_FOUND',
      `There is no archive of the session ${nameOf(session)}: looked for ${places.join(' and ')}. ` +
        'If RemoteAuth has a dataPath, give the store the same.',
    );
  }
}

function nameOf(session: string): string {
  return path.basename(session.replaceAll('\\', '/'));
}
