import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturedFile } from './captured-profile.js';
import { memoryFile } from './memory-file.js';
import { isMissing, isPassing, type ProfileFiles } from './profile-files.js';
import { type FileStamp, stampOf, tellingText } from './stamp.js';

const TRIES = 20;
/** After so many tries a transaction that is still under way is taken along with its journal. */
const TRIES_FOR_QUIET = 10;
/** What a journal begins with while its transaction is under way (sqlite.org/fileformat.html). */
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * Captures a SQLite database of one file with its rollback journal: both as they were at a moment
 * at which neither changed. The journal of a transaction under way is carried too; SQLite then rolls the
 * unfinished transaction back when it opens the database (sqlite.org/atomiccommit.html).
 *
 * These are small: some tens of KB, read into memory.
 *
 * @returns nothing when there is no such database, or when it never held still: what is in these
 *   is either carried as live values too (cookies) or made again by the browser
 */
export async function captureSqlite(
  files: ProfileFiles,
  userDataDir: string,
  file: string,
  isStored: (path: string, stamp: string) => boolean,
): Promise<CapturedFile[] | null> {
  const database = path.join(userDataDir, file);
  const journal = `${database}-journal`;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      const before = [await stampIfAny(files, database), await stampIfAny(files, journal)];
      const [size, journalSize] = before.map((stamp) => stamp?.size ?? 0);
      if (!size) return [];
      const stamp = before.map((each) => each?.text ?? '-').join('/');
      if (isStored(file, stamp)) {
        const withJournal = journalSize && isStored(`${file}-journal`, stamp);
        return [
          storedFile(file, size, stamp),
          ...(withJournal ? [storedFile(`${file}-journal`, journalSize, stamp)] : []),
        ];
      }
      const isQuiet = !journalSize || !(await isHot(files, journal));
      if (isQuiet || attempt > TRIES_FOR_QUIET) {
        const content = await files.readFile(database);
        const journalContent = isQuiet ? null : await files.readFile(journal);
        const after = [await stampIfAny(files, database), await stampIfAny(files, journal)];
        if (after.map((each) => each?.text ?? '-').join('/') === stamp) {
          const isTelling = before.every((each) => each === null || tellingText(each) !== null);
          const known = isTelling ? stamp : null;
          return [
            memoryFile(file, content, known),
            ...(journalContent ? [memoryFile(`${file}-journal`, journalContent, known)] : []),
          ];
        }
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await sleep(5 * attempt);
  }
  return null;
}

/** Chromium keeps the journals of most databases for the next transaction, with zeros up front. */
async function isHot(files: ProfileFiles, journal: string): Promise<boolean> {
  const content = await files.readFile(journal);
  return content.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC);
}

async function stampIfAny(files: ProfileFiles, file: string): Promise<FileStamp | null> {
  try {
    return stampOf(await files.stat(file, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** One whose content is known by its stamp. */
function storedFile(file: string, size: number, stamp: string): CapturedFile {
  return {
    path: file,
    size,
    kind: 'changing',
    identity: '',
    stamp,
    read: async () => {
      throw new Error(`${file} was stored already and is not read again`);
    },
    isSettled: async () => true,
  };
}
