import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import { identifyProcess } from '../../system/processes.js';
import { lastBrowserVersion } from '../browser-version.js';
import type { LivePage } from '../live-values.js';
import { readSingletonLock } from '../singleton-lock.js';
import { refuseSqliteStorage } from '../sqlite-layout.js';
import { captureFolders, type FileCaptureContext, type FolderMemory } from './capture-folders.js';
import type { CapturedFile, CapturedLiveValues, CapturedProfile } from './captured-profile.js';
import { Pins } from './pin.js';
import { nodeFiles, type ProfileFiles } from './profile-files.js';

export interface ProfileCapturerOptions {
  /** A page of the browser that has the profile open; without one only files are captured. */
  livePage?: LivePage | null | undefined;
  /** The file system, for tests of its faults. */
  files?: ProfileFiles | undefined;
}

/** Captures of the files until live values before and after are the same. */
const ROUNDS = 3;
const PINS_FOLDER = 'holdfast-pins';

/**
 * Captures a Chromium profile, again and again, while a browser writes it or when it is closed.
 * The browser is not paused, tables are not copied, and what has not changed since the capture
 * before is not read.
 */
export class ProfileCapturer {
  readonly userDataDir: string;
  readonly #livePage: LivePage | null;
  readonly #files: ProfileFiles;
  readonly #pins: Pins;
  readonly #memory: FolderMemory = new Map();
  #isSwept = false;

  constructor(userDataDir: string, options: ProfileCapturerOptions = {}) {
    this.userDataDir = path.resolve(userDataDir);
    this.#livePage = options.livePage ?? null;
    this.#files = options.files ?? nodeFiles;
    this.#pins = new Pins(this.#files, path.join(this.userDataDir, PINS_FOLDER));
  }

  /**
   * @param isStored whether the content that a file had with this stamp need not be read any more
   * @throws {HoldfastError} CAPTURE_FAILED when a database never held still or is damaged,
   *   PROFILE_EMPTY when there is nothing in which a login could be, PROFILE_LAYOUT_UNSUPPORTED,
   *   DATA_PATH_UNUSABLE
   */
  async capture(
    isStored: (path: string, stamp: string) => boolean = () => false,
  ): Promise<CapturedProfile> {
    await refuseSqliteStorage(this.userDataDir);
    if (!this.#isSwept) {
      this.#isSwept = true;
      // Links and copies that a killed process could not remove. What cannot be removed is in
      // nobody's way, and the next process tries again.
      await this.#pins.clear().catch(() => undefined);
    }
    const context: FileCaptureContext = {
      userDataDir: this.userDataDir,
      files: this.#files,
      pins: this.#pins,
      memory: this.#memory,
      isStored,
    };
    // An entry of localStorage may refer to a key in IndexedDB: so it is read before the files.
    // Whether they go with it is known once it still is the same after them.
    let live = await this.#readLiveValues();
    for (let round = 1; ; round++) {
      const { files, leftOut, release } = await this.#captureFiles(context);
      const moved = round < ROUNDS ? await this.#movedSince(live) : null;
      if (moved === null) {
        return {
          files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
          live,
          leftOut,
          browserVersion: await lastBrowserVersion(this.userDataDir, this.#files),
          release,
        };
      }
      await release();
      live = moved;
    }
  }

  async #captureFiles(context: FileCaptureContext): Promise<{
    files: CapturedFile[];
    leftOut: string[];
    release(): Promise<void>;
  }> {
    try {
      return await captureFolders(context);
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      throw new HoldfastError(
        'DATA_PATH_UNUSABLE',
        `The browser profile ${this.userDataDir} cannot be read: ${(error as Error).message}. ` +
          'Make it readable for this user.',
        { cause: error },
      );
    }
  }

  async #readLiveValues(): Promise<CapturedLiveValues> {
    if (this.#livePage) {
      try {
        return { state: 'included', values: await this.#livePage.readLiveValues() };
      } catch (error) {
        return { state: 'unavailable', reason: (error as Error).message };
      }
    }
    const pid = await readSingletonLock(this.userDataDir);
    const isOpen = pid !== null && (await identifyProcess(pid)) !== null;
    return isOpen
      ? {
          state: 'unavailable',
          reason: 'a browser has the profile open, and no page of it was given',
        }
      : { state: 'not-needed' };
  }

  /**
   * The values of now, if others. A page that cannot be read any more has not moved: what it said
   * before the files is the last there is of it.
   */
  async #movedSince(before: CapturedLiveValues): Promise<CapturedLiveValues | null> {
    if (before.state !== 'included') return null;
    const after = await this.#readLiveValues();
    const isMoved =
      after.state === 'included' &&
      JSON.stringify(after.values.localStorage) !== JSON.stringify(before.values.localStorage);
    return isMoved ? after : null;
  }
}
