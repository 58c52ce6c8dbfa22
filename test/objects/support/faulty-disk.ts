import type { FileHandle } from 'node:fs/promises';

type FileSystem = typeof import('node:fs/promises');

/** Calls that need room on the disk. */
const WRITING = new Set(['open to create', 'writeFile', 'sync', 'rename', 'mkdir']);

/**
 * Stands between the code and the disk. Only calls below `folder` are counted and fail:
 *
 *     vi.mock('node:fs/promises', async (original) =>
 *       (await import('./support/faulty-disk.js')).throughFaultyDisk(await original()),
 *     );
 */
class FaultyDisk {
  #folder = '';
  #calls = 0;
  #counts: (call: string) => boolean = () => true;
  #fails: (call: string, count: number) => string | null = () => null;
  #before: (call: string, target: string) => unknown = () => undefined;

  /** Every call works. */
  heal(): void {
    this.#fails = () => null;
    this.#before = () => undefined;
  }

  /** The n-th call that needs room fails with `code`, once. */
  failOnce(folder: string, nth: number, code: string): void {
    this.#arm(folder, (call, count) => (WRITING.has(call) && count === nth ? code : null));
    this.#counts = (call) => WRITING.has(call);
  }

  /** The n-th call fails and so do all after it, as if the process had been killed. */
  dieAt(folder: string, nth: number): void {
    this.#arm(folder, (_, count) => (count >= nth ? 'EKILLED' : null));
  }

  /** Awaits `hook` before each call that works, so that others can come in between. */
  interrupt(folder: string, hook: (call: string, target: string) => unknown): void {
    this.#arm(folder, () => null);
    this.#before = hook;
  }

  async call<T>(call: string, target: string, work: () => Promise<T>): Promise<T> {
    if (this.#folder === '' || !target.startsWith(this.#folder)) return work();
    if (this.#counts(call)) this.#calls += 1;
    const code = this.#fails(call, this.#calls);
    if (code !== null) throw Object.assign(new Error(`${code}, ${call}`), { code });
    await this.#before(call, target);
    return work();
  }

  #arm(folder: string, fails: (call: string, count: number) => string | null): void {
    this.heal();
    this.#folder = folder;
    this.#calls = 0;
    this.#counts = () => true;
    this.#fails = fails;
  }
}

export const disk = new FaultyDisk();

export function throughFaultyDisk(real: FileSystem): FileSystem {
  const watched =
    <A extends [string, ...unknown[]], R>(name: string, work: (...args: A) => Promise<R>) =>
    (...args: A) =>
      disk.call(name, args[0], () => work(...args));
  const changed = {
    lstat: watched('lstat', real.lstat as (file: string) => Promise<unknown>),
    mkdir: watched('mkdir', real.mkdir as (file: string) => Promise<unknown>),
    readdir: watched('readdir', real.readdir as (file: string) => Promise<unknown>),
    readFile: watched('readFile', real.readFile as (file: string) => Promise<unknown>),
    rename: watched('rename', real.rename as (file: string) => Promise<unknown>),
    rmdir: watched('rmdir', real.rmdir as (file: string) => Promise<unknown>),
    rm: watched('rm', real.rm as (file: string) => Promise<unknown>),
    stat: watched('stat', real.stat as (file: string) => Promise<unknown>),
    unlink: watched('unlink', real.unlink as (file: string) => Promise<unknown>),
    open: async (file: string, flags: string, mode?: number) => {
      const name = flags === 'r' ? 'open' : 'open to create';
      const handle = await disk.call(name, file, () => real.open(file, flags, mode));
      return watchHandle(handle, file);
    },
  };
  return { ...real, ...changed, default: { ...real, ...changed } } as unknown as FileSystem;
}

function watchHandle(handle: FileHandle, file: string): FileHandle {
  const changed: Partial<Record<string, (...args: never[]) => Promise<unknown>>> = {
    // Half is written before the disk is full or the process dead.
    writeFile: async (bytes: Uint8Array) => {
      const half = bytes.length >> 1;
      await handle.write(bytes.subarray(0, half));
      return disk.call('writeFile', file, () => handle.writeFile(bytes.subarray(half)));
    },
    sync: () => disk.call('sync', file, () => handle.sync()),
    // It closes in any case: a dead process has nothing open.
    close: () => handle.close(),
  };
  return new Proxy(handle, {
    get: (target, name) => {
      const own = changed[String(name)];
      const value = Reflect.get(target, name) as unknown;
      return own ?? (typeof value === 'function' ? value.bind(target) : value);
    },
  });
}
