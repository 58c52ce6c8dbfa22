import { fileURLToPath } from 'node:url';
import { HoldfastError } from '../errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { FileStore } from '../stores/file-store.js';

/** How each kind of store is opened by what follows the scheme. */
const SCHEMES: Record<string, { form: string; open(url: string): ObjectStore }> = {
  file: { form: 'file:./sessions', open: (url) => new FileStore({ path: pathOf(url) }) },
};

const DEFAULT_STORE = 'file:./sessions';

/** The URL that was given, else that of HOLDFAST_STORE, else `file:./sessions`. */
export function storeUrl(given: string | undefined): string {
  return given ?? process.env.HOLDFAST_STORE ?? DEFAULT_STORE;
}

/** Opens the store of a URL, such as `file:./sessions`. @throws {HoldfastError} INVALID_OPTION */
export function openStore(url: string): ObjectStore {
  // A drive letter is no scheme.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  const kind = scheme === undefined ? undefined : SCHEMES[scheme];
  if (kind) return kind.open(url);
  const forms = Object.values(SCHEMES).map(({ form }) => form);
  throw new HoldfastError(
    'INVALID_OPTION',
    scheme === undefined
      ? 'A store is given by a URL; for a folder write file: in front of its path.'
      : `The store is given with the scheme "${scheme}:", which is not known. Known: ${forms.join(', ')}.`,
  );
}

/** `file:./relative`, `file:/absolute`, `file:///absolute`, `file:C:\x`. */
function pathOf(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
  if (path !== '') return path;
  throw new HoldfastError('INVALID_OPTION', 'The store has no path: write file:./sessions.');
}
