import { refused, shown } from './archive-fault.js';

export interface EntryPath {
  /** Relative, with `/`, without one at its end. */
  path: string;
  isFolder: boolean;
}

/** What file systems take. */
const LONGEST_NAME_BYTES = 255;
const LONGEST_PATH_BYTES = 1024;

/** What means something else than a name on Windows: streams, devices, names made shorter. */
const UNSAFE_ON_WINDOWS = /[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** @throws {ArchiveFault} when an entry's name leads out of the folder, or could on some system */
export function checkEntryName(name: string): EntryPath {
  // Some archives were made on Windows with its separators.
  const path = name.replaceAll('\\', '/');
  const isFolder = path.endsWith('/');
  const segments = (isFolder ? path.slice(0, -1) : path).split('/');

  const because = (why: string) => refused(`the name of its entry ${shown(name)} ${why}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(path)) throw because('has a control character in it');
  if (path.startsWith('/')) throw because('is an absolute path');
  if (/^[a-z]:/i.test(path)) throw because('begins with a drive letter');
  if (segments.includes('..')) throw because('leads out of the folder');
  if (segments.includes('') || segments.includes('.')) throw because('is no plain path');
  const isLong =
    Buffer.byteLength(path) > LONGEST_PATH_BYTES ||
    segments.some((segment) => Buffer.byteLength(segment) > LONGEST_NAME_BYTES);
  if (isLong) throw because('is too long');
  return { path: segments.join('/'), isFolder };
}

/** @throws {ArchiveFault} when a file that would be written is named as no file of a profile is */
export function checkFileName(path: string): void {
  if (!path.split('/').some((segment) => UNSAFE_ON_WINDOWS.test(segment))) return;
  throw refused(`the name of its entry ${shown(path)} is not one that a browser makes`);
}

/** What must be a folder in a profile, whether something is in it or not. */
const FOLDERS = ['Default', 'Default/IndexedDB', 'Default/Local Storage/leveldb'];

/** Sees that no name comes twice, and that no file stands where a folder is needed. */
export class EntryNames {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  constructor() {
    for (const folder of FOLDERS) this.#addFolder(nameKey(folder));
  }

  /** @throws {ArchiveFault} when the entry cannot stand beside those added before */
  add({ path, isFolder }: EntryPath): void {
    const key = nameKey(path);
    if (isFolder) this.#addFolder(key);
    else if (this.#files.has(key)) throw refused(`it has the entry ${shown(path)} twice`);
    else {
      this.#files.add(key);
      this.#addFolder(parentOf(key));
    }
    const isBoth =
      (isFolder ? this.#files.has(key) : this.#folders.has(key)) || this.#isBelowFile(key);
    if (isBoth) throw refused(`a file is in it where a folder should be, at ${shown(path)}`);
  }

  #addFolder(key: string): void {
    for (let folder = key; folder !== '' && !this.#folders.has(folder); folder = parentOf(folder)) {
      this.#folders.add(folder);
    }
  }

  #isBelowFile(key: string): boolean {
    for (let folder = parentOf(key); folder !== ''; folder = parentOf(folder)) {
      if (this.#files.has(folder)) return true;
    }
    return false;
  }
}

/** The same for names that some file system takes for one. */
function nameKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
