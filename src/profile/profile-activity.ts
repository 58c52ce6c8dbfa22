import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WatchablePage } from './devtools-page.js';
import { listFolder, listStorageDatabases } from './storage-databases.js';

/** After so long a capture is made all the same: for what is not looked at, such as cookies. */
const LONGEST_MS = 15_000;

/**
 * Tells, at a small part of the cost of a capture, whether there may be something new in the
 * databases and the localStorage of a profile that a browser has open. In every change of a LevelDB
 * database its log grows, or its files have other names.
 */
export class ProfileActivity {
  readonly #userDataDir: string;
  readonly #page: WatchablePage;
  #stopWatching: () => void = () => undefined;
  /** Of localStorage, which the disk shows late. */
  #isDirty = true;
  #seen = '';
  #seenAt = Number.NEGATIVE_INFINITY;

  private constructor(userDataDir: string, page: WatchablePage) {
    this.#userDataDir = userDataDir;
    this.#page = page;
  }

  /** @throws {HoldfastError} CAPTURE_FAILED when the page is gone */
  static async watch(userDataDir: string, page: WatchablePage): Promise<ProfileActivity> {
    const activity = new ProfileActivity(userDataDir, page);
    activity.#stopWatching = await page.onChange(() => {
      activity.#isDirty = true;
    });
    return activity;
  }

  /**
   * Whether there may be something that the last capture has not seen; to be asked before each. One
   * that fails is to be told by `failed()`.
   */
  async mayHaveChanged(): Promise<boolean> {
    // What changes from here on is seen by the next look.
    const wasDirty = this.#isDirty;
    this.#isDirty = false;
    const now = performance.now();
    const seen = await this.#look();
    const isChanged = wasDirty || seen !== this.#seen || now - this.#seenAt > LONGEST_MS;
    if (isChanged) this.#seenAt = now;
    this.#seen = seen;
    return isChanged;
  }

  /** What the last answer told of has not been saved. */
  failed(): void {
    this.#isDirty = true;
  }

  /** Lets go of the page. */
  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#page.close();
  }

  async #look(): Promise<string> {
    const databases = await listStorageDatabases(this.#userDataDir);
    const looks = databases.map(async ({ dir }) => {
      const names = (await listFolder(dir)).map(({ name }) => name);
      const growing = names.filter((name) => name.endsWith('.log') || name.startsWith('MANIFEST-'));
      const sizes = growing.map(async (name) => {
        const stats = await stat(join(dir, name)).catch(() => null);
        return `${name}=${stats?.size ?? 'gone'}`;
      });
      return `${dir}: ${names.join()} ${(await Promise.all(sizes)).join()}`;
    });
    return (await Promise.all(looks)).join('\n');
  }
}
