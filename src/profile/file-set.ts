/** Below these lies what pages keep: databases, localStorage, service workers with their caches. */
const CARRIED_FOLDERS = [
  'Default/IndexedDB/',
  'Default/Local Storage/leveldb/',
  'Default/Service Worker/',
  // Named storage buckets.
  'Default/WebStorage/',
  'Default/File System/',
];

/** Newer Chromium keeps them below Network. */
const CARRIED_FILES = new Set([
  'Default/Cookies',
  'Default/Cookies-journal',
  'Default/Network/Cookies',
  'Default/Network/Cookies-journal',
]);

/** LevelDB's lock and its diary: they belong to the machine, and LevelDB makes them anew. */
const LEFT_NAMES = new Set(['LOCK', 'LOG', 'LOG.old']);

/** Chromium fills them again. Cache Storage is none of them: what pages put there is theirs. */
const LEFT_FOLDERS =
  /\/(Cache|Code Cache|GPUCache|\w*ShaderCache|Dawn\w*Cache|GPUPersistentCache)\//;

/**
 * Whether a file belongs to what is saved of a profile and laid down elsewhere. All else is bound
 * to the machine (`Singleton*`), is made again by the browser, or is none of the session's business
 * (extensions, history, settings).
 *
 * @param path of a file, relative to the user data directory, with `/`
 */
export function isCarried(path: string): boolean {
  if (CARRIED_FILES.has(path)) return true;
  if (!CARRIED_FOLDERS.some((folder) => path.startsWith(folder))) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name !== '' && !LEFT_NAMES.has(name) && !LEFT_FOLDERS.test(path);
}
