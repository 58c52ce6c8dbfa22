import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../system/replace-file.js';

const MARKER = 'holdfast-archive.json';

/** What a profile folder says of the archives that were made of it, or that it was restored from. */
export interface ArchiveMarker {
  session: string;
  /**
   * SHA-256 of the archive that the store has of it, then of those whose save has not been answered.
   * Is another one in the store, somebody else has saved since.
   */
  archives: string[];
  /** Of the process that wrote this. */
  run: string;
}

export async function writeMarker(userDataDir: string, marker: ArchiveMarker): Promise<void> {
  await replaceFile(path.join(userDataDir, MARKER), JSON.stringify(marker));
}

/** The archives that this folder is not behind; none if it does not say. */
export async function readMarker(userDataDir: string, session: string): Promise<string[]> {
  const marker = (await readNote(path.join(userDataDir, MARKER))) as Partial<ArchiveMarker> | null;
  return marker?.session === session ? textsIn(marker.archives) : [];
}

/**
 * That a session's login has ended, for stores which cannot be told. It lies beside the profile's
 * folder, which may go.
 */
export class UnlinkedNote {
  readonly #file: string;

  constructor(dataPath: string, session: string) {
    this.#file = path.join(dataPath, `${session}.unlinked`);
  }

  /** @param archives those that hold the ended login; null: any */
  async write(archives: string[] | null): Promise<void> {
    await replaceFile(this.#file, JSON.stringify({ archives }));
  }

  /** Whether an archive holds a login that has ended. */
  async covers(sha256: string): Promise<boolean> {
    const note = (await readNote(this.#file)) as { archives?: unknown } | null;
    if (note === null) return false;
    return !Array.isArray(note.archives) || note.archives.includes(sha256);
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true, maxRetries: 5 });
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Null when there is none; one that cannot be read says nothing, but is one. */
async function readNote(file: string): Promise<object | null> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? content : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return {};
  }
}
