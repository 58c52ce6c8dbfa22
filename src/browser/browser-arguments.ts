/**
 * Chromium's SQLite backends for IndexedDB and localStorage. Off by default in Chromium 156; a
 * browser that had them on would show a LevelDB profile as empty and delete its directory.
 */
export const SQLITE_STORAGE_FEATURES = [
  'IdbSqliteBackingStore',
  'IdbSqliteOnDiskRollout',
  'DomStorageSqlite',
];

/** The arguments of a storage-safe launch: the caller's, with the SQLite backends pinned off. */
export function pinStorageBackends(args: readonly string[]): string[] {
  return mergeList(args, '--disable-features', SQLITE_STORAGE_FEATURES);
}

/** All arguments a browser of ours is started with, made from the caller's. */
export function browserArguments(args: readonly string[], isRoot: boolean): string[] {
  let merged = pinStorageBackends(args);
  // Otherwise navigator.webdriver is true.
  merged = mergeList(merged, '--disable-blink-features', ['AutomationControlled']);
  // Puppeteer gives up the pipe when it sees any --remote-debugging-… of the caller's.
  merged = withSwitch(merged, '--remote-debugging-pipe');
  // Chromium refuses to start as root with its sandbox on.
  if (isRoot) merged = withSwitch(merged, '--no-sandbox');
  return merged;
}

function withSwitch(args: readonly string[], name: string): string[] {
  return args.some((arg) => arg === name || arg.startsWith(`${name}=`))
    ? [...args]
    : [...args, name];
}

/** Chromium reads only the last of several switches of one name, so their lists become one. */
function mergeList(args: readonly string[], name: string, values: readonly string[]): string[] {
  const isSwitch = (arg: string) => arg.startsWith(`${name}=`);
  const given = args.filter(isSwitch).flatMap((arg) => arg.slice(name.length + 1).split(','));
  const all = new Set([...given, ...values].filter(Boolean));
  return [...args.filter((arg) => !isSwitch(arg)), `${name}=${[...all].join(',')}`];
}
