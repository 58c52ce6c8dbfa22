import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '../../system/hash-file.js';

const PREFIX = '.holdfast-archive-';
const PLACES = 'places.json';

/** What file systems answer that have no hard links, or none to there. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']);
/** What they answer for a folder in which this user cannot put a file. */
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/**
 * Where one archive of a session is made or unpacked: a folder in the data path which is gone
 * afterwards, and with it what was put elsewhere. What a killed process left of it is swept by the
 * next one; its name says whose it is, since a session's name has no dot.
 */
export class WorkFolder {
  private constructor(
    private readonly folder: string,
    private readonly dataPath: string,
    private readonly session: string,
  ) {}

  static async use<T>(
    dataPath: string,
    session: string,
    work: (folder: WorkFolder) => Promise<T>,
  ): Promise<T> {
    await sweepWorkFolders(dataPath, session);
    const random = randomBytes(8).toString('hex');
    const folder = path.join(dataPath, `${PREFIX}${session}.${random}`);
    await mkdir(dataPath, { recursive: true });
    await mkdir(folder, { mode: 0o700 });
    try {
      return await work(new WorkFolder(folder, dataPath, session));
    } finally {
      // What cannot be removed now is left to the next sweep.
      await removeWorkFolder(folder, session).catch(() => undefined);
    }
  }

  /** The archive itself, under the name that whatsapp-web.js has stores extract it to. */
  get archive(): string {
    return archiveIn(this.folder, this.session);
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /**
   * Puts the archive where stores look for `<session>.zip`: whatsapp-web.js writes it to its data
   * path, and most stores read it from the working directory.
   *
   * @param cwd null: there is none
   * @returns a file in the working directory that is somebody else's, and was left as it is
   */
  async place(cwd: string | null): Promise<string | null> {
    const inDataPath = archiveIn(this.dataPath, this.session);
    const isElsewhere = cwd !== null && !(await isSameFolder(cwd, this.dataPath));
    const inCwd = isElsewhere ? archiveIn(cwd, this.session) : null;
    const isTaken = inCwd !== null && (await isThere(inCwd));

    // Before they are made: by this they are known as ours, should this process be killed.
    const places = inCwd === null || isTaken ? [inDataPath] : [inDataPath, inCwd];
    await writeFile(this.file(PLACES), JSON.stringify(places), { mode: 0o600, flush: true });
    // whatsapp-web.js's RemoteAuth overwrites and removes this one at every backup.
    await rm(inDataPath, { force: true });
    await put(this.archive, inDataPath);
    if (inCwd === null || isTaken) return inCwd;
    try {
      await put(this.archive, inCwd);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return inCwd;
      if (!NOT_WRITABLE.has(code)) throw error;
    }
    return null;
  }
}

/** Removes what a process that was killed has left of this session, and nothing else. */
export async function sweepWorkFolders(dataPath: string, session: string): Promise<void> {
  for (const name of await readdir(dataPath).catch(() => [])) {
    if (!name.startsWith(`${PREFIX}${session}.`)) continue;
    await removeWorkFolder(path.join(dataPath, name), session).catch(() => undefined);
  }
}

/** The places first: once the folder has gone, nobody knows them. */
async function removeWorkFolder(folder: string, session: string): Promise<void> {
  const archive = archiveIn(folder, session);
  for (const place of await readPlaces(folder)) {
    if (await isOurs(place, archive)) await rm(place, { force: true, maxRetries: 5 });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function archiveIn(folder: string, session: string): string {
  return path.join(folder, `${session}.zip`);
}

async function readPlaces(folder: string): Promise<string[]> {
  try {
    return JSON.parse(await readFile(path.join(folder, PLACES), 'utf8')) as string[];
  } catch {
    return [];
  }
}

/** Whether a file is the archive, or a copy of it, finished or not. */
async function isOurs(place: string, archive: string): Promise<boolean> {
  const [there, made] = await Promise.all([statsOf(place), statsOf(archive)]);
  if (there === null || made === null || !there.isFile()) return false;
  if (there.ino === made.ino && there.dev === made.dev) return true;
  if (there.size > made.size) return false;
  return (await hashFile(place)) === (await hashFile(archive, Number(there.size)));
}

async function put(archive: string, place: string): Promise<void> {
  try {
    await link(archive, place);
  } catch (error) {
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(archive, place, constants.COPYFILE_EXCL);
  }
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((each) => realpath(each).catch(() => each)));
  return a === b;
}

async function isThere(file: string): Promise<boolean> {
  return (await statsOf(file)) !== null;
}

async function statsOf(file: string) {
  return lstat(file, { bigint: true }).catch(() => null);
}
