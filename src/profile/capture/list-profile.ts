import path from 'node:path';
import { CARRIED_ROOTS, isBlobFolder, isCarried } from '../file-set.js';
import { CURRENT, isManifestName, isTableName, logNumberOf } from '../leveldb/file-names.js';
import { isBusy, isMissing, type ProfileFiles } from './profile-files.js';
import { retryWhile } from './retry.js';

/** What of a profile is there to be captured, all relative to the user data dir. */
export interface ProfileListing {
  /** LevelDB directories. */
  databases: string[];
  /** SQLite databases, without their journals. */
  sqlite: string[];
  /** Everything else but IndexedDB's blobs, which are listed with their database. */
  others: string[];
}

const SQLITE_FILES = [
  'Default/Cookies',
  'Default/Network/Cookies',
  'Default/WebStorage/QuotaManager',
];
const SQLITE_JOURNALS = SQLITE_FILES.map((file) => `${file}-journal`);

export async function listProfile(
  files: ProfileFiles,
  userDataDir: string,
): Promise<ProfileListing> {
  const listing: ProfileListing = { databases: [], sqlite: [], others: [] };
  await Promise.all(CARRIED_ROOTS.map((root) => listBelow(files, userDataDir, root, listing)));
  listing.databases.sort();
  return listing;
}

/** The blobs of one database. */
export async function listBlobs(
  files: ProfileFiles,
  userDataDir: string,
  folder: string,
): Promise<string[]> {
  const found: string[] = [];
  await visit(
    files,
    userDataDir,
    folder,
    (file) => found.push(file),
    () => true,
  );
  return found;
}

/** The folder beside a database of IndexedDB that its blobs are in. */
export function blobFolderOf(database: string): string {
  return database.replace(/\.leveldb$/, '.blob');
}

/** Also of a database without CURRENT: it is being created, or is damaged and must not be passed over. */
function isOfDatabase(name: string): boolean {
  return (
    name === CURRENT || isManifestName(name) || isTableName(name) || logNumberOf(name) !== undefined
  );
}

async function listBelow(
  files: ProfileFiles,
  userDataDir: string,
  root: string,
  listing: ProfileListing,
): Promise<void> {
  await visit(
    files,
    userDataDir,
    root,
    (file) => {
      if (!isCarried(file) || SQLITE_JOURNALS.includes(file)) return;
      if (SQLITE_FILES.includes(file)) listing.sqlite.push(file);
      else listing.others.push(file);
    },
    (folder, names) => {
      if (isBlobFolder(folder)) return false;
      if (!names.some(isOfDatabase)) return true;
      listing.databases.push(folder);
      return false;
    },
  );
}

async function visit(
  files: ProfileFiles,
  userDataDir: string,
  at: string,
  onFile: (file: string) => void,
  entersFolder: (folder: string, names: string[]) => boolean,
): Promise<void> {
  try {
    const entries = await retryWhile(isBusy, () =>
      files.readdir(path.join(userDataDir, at), { withFileTypes: true }),
    );
    if (
      !entersFolder(
        at,
        entries.map(({ name }) => name),
      )
    )
      return;
    await Promise.all(
      entries.map(async (entry) => {
        const each = `${at}/${entry.name}`;
        if (entry.isFile()) onFile(each);
        else if (entry.isDirectory()) await visit(files, userDataDir, each, onFile, entersFolder);
      }),
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') onFile(at);
    else if (!isMissing(error)) throw error;
  }
}
