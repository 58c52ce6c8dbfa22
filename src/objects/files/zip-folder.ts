import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import type { FormerArchive, FormerArchives } from '../former-archives.js';

const ZIP = /^(RemoteAuth(?:-[A-Za-z0-9_-]+)?)\.zip$/;

/** A folder with whatsapp-web.js's archives, as its RemoteAuth leaves them and simple stores do. */
export class ZipFolder implements FormerArchives {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = path.resolve(folder);
  }

  async find(session: string): Promise<FormerArchive | null> {
    const file = this.#fileOf(session);
    const found = await this.#ask(() => stat(file));
    if (!found?.isFile()) return null;
    const { size: bytes, mtime: savedAt } = found;
    const read = (start = 0, signal?: AbortSignal) => createReadStream(file, { start, signal });
    return { session, place: file, bytes, savedAt, read };
  }

  async list(): Promise<FormerArchive[]> {
    const names = (await this.#ask(() => readdir(this.#folder))) ?? [];
    const sessions = names.flatMap((name) => ZIP.exec(name)?.[1] ?? []).sort();
    const archives = await Promise.all(sessions.map((session) => this.find(session)));
    return archives.filter((archive) => archive !== null);
  }

  async delete(session: string): Promise<void> {
    await this.#ask(() => rm(this.#fileOf(session), { force: true }));
  }

  #fileOf(session: string): string {
    return path.join(this.#folder, `${session}.zip`);
  }

  async #ask<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new HoldfastError(
        'STORE_UNUSABLE',
        `The archives in ${this.#folder} cannot be used: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}
