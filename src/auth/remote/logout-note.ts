import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A note beside a session's folder that says that it was logged out and is to be deleted in the
 * store: it is there while that is not done, so that a start after a crash does it first.
 */
export class LogoutNote {
  readonly #file: string;

  constructor(dataPath: string, session: string) {
    this.#file = path.join(dataPath, `${session}.logged-out`);
  }

  /** @param generation of the hold under which it was logged out */
  async write(generation: number): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(this.#file, JSON.stringify({ generation }), { mode: 0o600 });
  }

  /** The generation; null when there is nothing to be deleted. */
  async read(): Promise<number | null> {
    const text = await readFile(this.#file, 'utf8').catch(() => null);
    if (text === null) return null;
    const generation = Number(/^\{"generation":(\d+)\}$/.exec(text)?.[1]);
    return Number.isSafeInteger(generation) ? generation : null;
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
