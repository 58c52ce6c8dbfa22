import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, rename, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { identifyProcess } from '../../system/processes.js';
import { createFile, discard, makeFolder, syncFolder } from './durable-files.js';
import { errnoOf } from './file-errors.js';

/** `<machine>.<pid>.<start time>.<random>`; machine and start time are hashes. */
const NAME = /^([0-9a-f]{12})\.(\d+)\.([0-9a-f]{12})\.[0-9a-f]{16}$/;
const FOREIGN_AGE_MS = 60 * 60 * 1000;
const ATTEMPTS = 3;

/**
 * What is being written, under names that say by which process. What a dead process left is swept:
 * one of this machine is asked for; of others' we know only how old it is. A writer that was
 * stopped for so long, or whose machine looks like this one, finds its file gone and starts over.
 */
export class Temporaries {
  readonly #folder: string;
  readonly #confirmStore: () => Promise<unknown>;

  /** @param confirmStore rejects when the store that the folder is in is not there */
  constructor(folder: string, confirmStore: () => Promise<unknown>) {
    this.#folder = folder;
    this.#confirmStore = confirmStore;
  }

  /**
   * Lets `work` make a file or folder and move it to its place. Whatever happens, nothing stays
   * here. A missing file is no error at first: this folder may be new, or ours was swept.
   */
  async use<T>(work: (temporary: string) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const temporary = path.join(this.#folder, await newName());
      try {
        return await work(temporary);
      } catch (error) {
        await discard(temporary);
        if (errnoOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
      }
      await this.#confirmStore();
      await makeFolder(this.#folder);
      await syncFolder(path.dirname(this.#folder));
    }
  }

  /** What cannot be swept is no reason not to write. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      await this.#sweepOne(name).catch(() => undefined);
    }
  }

  async #sweepOne(name: string): Promise<void> {
    if (!(await this.#isLeft(name))) return;
    // Moved first: its writer, should it live, must not go on with one half of a folder.
    const taken = path.join(this.#folder, await newName());
    await rename(path.join(this.#folder, name), taken);
    await discard(taken);
  }

  async #isLeft(name: string): Promise<boolean> {
    const [, machine, pid, startTime] = NAME.exec(name) ?? [];
    if (machine === undefined) return false;
    if (machine === (await identifySelf()).machine) {
      const writer = await identifyProcess(Number(pid));
      return writer === null || hash(writer.startTime) !== startTime;
    }
    const { mtimeMs } = await stat(path.join(this.#folder, name));
    return (await this.#now()) - mtimeMs > FOREIGN_AGE_MS;
  }

  /** The time of the file server, by which its files are dated. */
  async #now(): Promise<number> {
    const probe = path.join(this.#folder, await newName());
    try {
      await createFile(probe, new Uint8Array());
      return (await stat(probe)).mtimeMs;
    } finally {
      await discard(probe);
    }
  }
}

async function newName(): Promise<string> {
  const { machine, startTime } = await identifySelf();
  return `${machine}.${process.pid}.${startTime}.${randomBytes(8).toString('hex')}`;
}

let self: Promise<{ machine: string; startTime: string }> | null = null;

function identifySelf(): Promise<{ machine: string; startTime: string }> {
  self ??= Promise.all([identifyMachine(), identifyProcess(process.pid)]).then(
    ([machine, identity]) => {
      // Who cannot be told from others with its pid is nobody's neighbour.
      if (identity === null) return { machine: hash(randomBytes(8)), startTime: hash('') };
      return { machine, startTime: hash(identity.startTime) };
    },
  );
  return self;
}

/** This boot of this machine, and on Linux this container of it, since pids mean nothing outside. */
async function identifyMachine(): Promise<string> {
  const parts = [hostname()];
  if (process.platform === 'linux') {
    parts.push(await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''));
    parts.push(await readlink('/proc/self/ns/pid').catch(() => ''));
  }
  return hash(parts.join('\n'));
}

function hash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
