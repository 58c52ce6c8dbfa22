import {
  appendFile,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../../../src/stores/store.js';

/** How a store misbehaves; each as some store in use does. */
export interface Faults {
  /** `sessionExists` answers this. */
  exists?: unknown;
  /** The method rejects with an error of its own. */
  throws?: keyof Store | undefined;
  /** `save` keeps it and then rejects, as when the answer is lost. */
  savesThenThrows?: boolean;
  /** `extract` writes that part of the file only. */
  extractsPart?: number;
  /** `extract` resolves before it has written, in parts, which takes that long. */
  extractsLateMs?: number;
  /** `extract` writes nothing. */
  extractsNothing?: boolean;
  /** `delete` resolves before it has deleted, which takes that long. */
  deletesLateMs?: number;
}

const PARTS = 5;

/**
 * A store with whatsapp-web.js's four methods that reads `<session>.zip` from a folder, as
 * wwebjs-mongo and wwebjs-aws-s3 do from the working directory.
 */
export class CommunityStore implements Store {
  faults: Faults = {};
  readonly calls: string[] = [];
  /** What was there when `save` was called, in bytes. */
  onSave: (zipFile: string) => Promise<void> = async () => undefined;

  constructor(
    private readonly folder: string,
    private readonly readsFrom: string,
  ) {}

  fileOf(session: string): string {
    return join(this.folder, `${session}.zip`);
  }

  async sessionExists({ session }: { session: string }): Promise<boolean> {
    this.#called('sessionExists');
    if ('exists' in this.faults) return this.faults.exists as boolean;
    return (await stat(this.fileOf(session)).catch(() => null)) !== null;
  }

  async save({ session }: { session: string }): Promise<void> {
    this.#called('save');
    const zipFile = join(this.readsFrom, `${session}.zip`);
    await this.onSave(zipFile);
    const bytes = await readFile(zipFile);
    await mkdir(this.folder, { recursive: true });
    await writeFile(`${this.fileOf(session)}.new`, bytes);
    await rename(`${this.fileOf(session)}.new`, this.fileOf(session));
    if (this.faults.savesThenThrows) throw new Error('the answer is lost');
  }

  async extract({ session, path }: { session: string; path: string }): Promise<void> {
    this.#called('extract');
    if (this.faults.extractsNothing) return;
    const { extractsPart, extractsLateMs } = this.faults;
    if (extractsLateMs !== undefined) {
      const bytes = await readFile(this.fileOf(session));
      const part = Math.ceil(bytes.length / PARTS);
      await writeFile(path, '');
      for (let index = 0; index < PARTS; index++) {
        const write = () => appendFile(path, bytes.subarray(index * part, (index + 1) * part));
        setTimeout(() => void write(), (extractsLateMs * (index + 1)) / PARTS);
      }
      return;
    }
    await copyFile(this.fileOf(session), path);
    if (extractsPart !== undefined) {
      await truncate(path, Math.floor((await stat(path)).size * extractsPart));
    }
  }

  async delete({ session }: { session: string }): Promise<void> {
    this.#called('delete');
    const remove = () => rm(this.fileOf(session));
    if (this.faults.deletesLateMs === undefined) await remove();
    else setTimeout(() => void remove(), this.faults.deletesLateMs);
  }

  #called(method: keyof Store): void {
    this.calls.push(method);
    if (this.faults.throws === method) throw new Error('connect ECONNREFUSED');
  }
}
