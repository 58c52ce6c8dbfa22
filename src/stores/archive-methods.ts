import { stat } from 'node:fs/promises';
import nodePath from 'node:path';
import { HoldfastError } from '../errors.js';
import type { FormerArchive } from '../objects/former-archives.js';
import type { ObjectStore } from '../objects/object-store.js';
import { adoptUnheld, isUnknown } from '../snapshot/archive/adopt-session.js';
import { exportSession } from '../snapshot/archive/export-session.js';
import { importArchive } from '../snapshot/archive/import-archive.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import type { Head } from '../snapshot/head.js';
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
    const head = await this.#readHead(session);
    if (isUnknown(head)) return (await this.#findFormer(session)) !== null;
    return head?.state === 'linked';
  }

  async save({ session }: { session: string }): Promise<void> {
    const { encryptionKey, retention } = this.#options;
    const zipFile = await this.#findArchive(session);
    const store = this.#store;
    await importArchive({ store, session: nameOf(session), encryptionKey, retention, zipFile });
  }

  async extract({ session, path }: { session: string; path?: string }): Promise<void> {
    const { encryptionKey } = this.#options;
    const zipFile = path ?? `${session}.zip`;
    await this.#adoptIfUnknown(session);
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

  async #readHead(session: string): Promise<Head | null> {
    return (await readHead(this.#store, nameOf(session)))?.decoded.head ?? null;
  }

  async #findFormer(session: string): Promise<FormerArchive | null> {
    return (await this.#store.formerArchives?.find(nameOf(session))) ?? null;
  }

  /** What whatsapp-web.js's own store has kept is taken over when it is first asked for. */
  async #adoptIfUnknown(session: string): Promise<void> {
    if (!isUnknown(await this.#readHead(session))) return;
    const archive = await this.#findFormer(session);
    if (archive === null) return;
    const { encryptionKey, retention } = this.#options;
    const location = { store: this.#store, session: nameOf(session), encryptionKey, retention };
    await adoptUnheld(archive, location);
  }

  /**
   * whatsapp-web.js writes the archive to its data path and tells stores its name, from which they
   * conclude a path in the working directory; newer versions tell the path without its ending.
   */
  async #findArchive(session: string): Promise<string> {
    const dataPath = this.#options.dataPath ?? './.wwebjs_auth';
    const places = [`${session}.zip`, nodePath.join(dataPath, `${nameOf(session)}.zip`)];
    const found: { file: string; time: number }[] = [];
    for (const place of places.map((each) => nodePath.resolve(each))) {
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
  return nodePath.basename(session.replaceAll('\\', '/'));
}
