/**
 * What of a Chromium profile is carried, and what never is. Paths are relative to the user data
 * dir, with `/`.
 *
 * Carried is what pages keep: with it in an empty folder, Chromium shows every database, key,
 * localStorage entry, cookie, service worker, cache and file that a page of any origin had.
 * (Measured with Chromium 156, each part alone and together.)
 *
 * Never carried:
 * - what belongs to one running browser: `Singleton*` (a lock of another host makes Chromium refuse
 *   to start), LevelDB's `LOCK` and `LOG`;
 * - what is made again from elsewhere: HTTP, code and GPU caches, downloaded components;
 * - what is the browser's own and not the page's: preferences, history, extensions, saved
 *   passwords. `Default/Preferences` is written anew at lay-down, with one flag.
 * - sessionStorage: it does not come back whatever is carried.
 */
const CARRIED_FOLDERS = [
  /** Databases, and beside them values above 64 KiB as blobs. */
  'Default/IndexedDB',
  'Default/Local Storage/leveldb',
  /** Registrations, scripts, and the Cache Storage of every origin. */
  'Default/Service Worker',
  /** Named storage buckets: IndexedDB, Cache Storage and files of each, and the list of them. */
  'Default/WebStorage',
  /** The origin private file system (OPFS). */
  'Default/File System',
];

/** SQLite databases of one file. Which of the two places holds cookies depends on the platform. */
const CARRIED_DATABASES = ['Default/Cookies', 'Default/Network/Cookies'];

/** The rollback journal, which belongs to the database beside it. */
const JOURNAL = '-journal';

/** LevelDB's files of one run, and its temporary ones. */
const OF_ONE_RUN = /^(LOCK|LOG|LOG\.old|\d+\.dbtmp)$/;

export function isCarried(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '' || OF_ONE_RUN.test(name)) return false;
  if (CARRIED_DATABASES.some((file) => path === file || path === file + JOURNAL)) return true;
  return CARRIED_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

/** The folders and files that everything carried lies in. */
export const CARRIED_ROOTS: readonly string[] = [
  ...CARRIED_FOLDERS,
  ...CARRIED_DATABASES.flatMap((file) => [file, file + JOURNAL]),
];

/** A folder below which the login may live: a snapshot without one of these whole is refused. */
export function holdsLogin(path: string): boolean {
  return /^Default\/(IndexedDB|Local Storage|WebStorage\/[^/]+\/IndexedDB)(\/|$)/.test(path);
}

/** Files of IndexedDB beside its database: written once, then only deleted. */
export function isBlobFolder(path: string): boolean {
  return /\.blob$/.test(path) && holdsLogin(path);
}
