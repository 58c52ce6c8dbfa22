import path from 'node:path';

/**
 * The names of keys on disk. `packs/RemoteAuth/1-1-0` is the file `packs/RemoteAuth/1-1-0.bin`, or
 * the folder `packs/RemoteAuth/1-1-0.cell`; the endings keep a key `a` apart from the folder of
 * `a/b`. Two keys never share a name, on any file system:
 *
 * - Many do not tell capitals from small letters, so capitals are escaped as in URLs (`%53ales`).
 *   The name that all sessions have from whatsapp-web.js, `RemoteAuth`, is the exception: there
 *   the other spellings are escaped.
 * - Windows reserves names (`con`, `nul.txt`) and drops a dot at the end; both are escaped.
 * - A name may have 255 bytes, so longer parts of a key go on in a folder inside: `long%/er.bin`.
 */
export const OBJECT_ENDING = '.bin';
export const CELL_ENDING = '.cell';

const PART = /^[A-Za-z0-9._-]+$/;
const GOES_ON = '%';
/** Leaves room for escaping every character, and for the ending. */
const PIECE = /.{1,80}/g;

const ESCAPED = new RegExp(
  [
    '(?!^RemoteAuth)(?<!^Remote(?=Auth))[A-Z]',
    '^r(?=emoteauth)',
    '^(?=(con|prn|aux|nul|com[0-9]|lpt[0-9])([.]|$)).',
    '[.](?=(bin|cell)$)',
    '[.]$',
  ].join('|'),
  'g',
);

/** The folder, relative to that of all keys, in which keys lie that go on like this. */
export function folderName(parts: readonly string[]): string {
  return path.join('.', ...parts.flatMap(piecesOf));
}

/** The path of a key, relative to the folder of all keys. */
export function fileName(key: string, ending: string): string {
  return folderName(key.split('/')) + ending;
}

/** What a name on disk adds to the key of its folder; null for a name that is not ours. */
export function keyPartOf(name: string, ending: string): string | null {
  const goesOn = ending === '' && name.endsWith(GOES_ON);
  const piece = goesOn ? name.slice(0, -1) : name.slice(0, name.length - ending.length);
  const part = piece.replace(/%([0-9A-F]{2})/g, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (!PART.test(part) || escapeName(part) !== piece) return null;
  return goesOn || ending !== '' ? part : `${part}/`;
}

function piecesOf(part: string): string[] {
  const pieces = (part.match(PIECE) ?? []).map(escapeName);
  return pieces.map((piece, index) => (index < pieces.length - 1 ? piece + GOES_ON : piece));
}

function escapeName(piece: string): string {
  return piece.replace(ESCAPED, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
