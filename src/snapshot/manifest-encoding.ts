import { isCarried } from '../profile/file-set.js';
import {
  count,
  FormatError,
  list,
  parseJson,
  record,
  requireFormat,
  text,
  textOrNull,
} from './decode.js';
import { FORMAT_VERSION, MAX_CHUNK_BYTES, MAX_MANIFEST_BYTES, parsePackName } from './format.js';
import type { BlobRef, FileEntry, Manifest, ManifestBase, ManifestLiveValues } from './manifest.js';

/**
 * A manifest as JSON; with a base, only what differs from it. A small save of a large profile then
 * does not repeat the whole list of its files.
 *
 * A blob is `[pack's place in "packs", offset, stored, length, id]`. A file is
 * `[path, size, keep, blobs]`: its first `keep` chunks are those of the base's file of that path.
 */
export function encodeManifest(manifest: Manifest, base: ManifestBase | null): Uint8Array {
  const packs = new Packs();
  const files: unknown[] = [];
  for (const [path, entry] of manifest.files) {
    const known = base?.files.get(path);
    if (known === entry) continue;
    const keep = commonBeginning(known?.chunks ?? [], entry.chunks);
    const isSame =
      known !== undefined && known.chunks.length === keep && entry.chunks.length === keep;
    if (isSame && known.size === entry.size) continue;
    files.push([path, entry.size, keep, entry.chunks.slice(keep).map((ref) => packs.encode(ref))]);
  }
  const removed = base ? [...base.files.keys()].filter((path) => !manifest.files.has(path)) : [];
  const { live } = manifest;
  const json = {
    format: FORMAT_VERSION,
    session: manifest.session,
    generation: manifest.generation,
    sequence: manifest.sequence,
    savedAt: manifest.savedAt,
    browser: manifest.browserVersion,
    platform: manifest.platform,
    live: [live.state, live.reason, live.chunks.map((ref) => packs.encode(ref))],
    leftOut: manifest.leftOut,
    base: base && packs.encode(base.ref),
    removed,
    files,
    packs: packs.names,
  };
  return Buffer.from(JSON.stringify(json));
}

/** Which manifest in full one is based on, before that one is known. */
export interface DecodedManifest {
  base: BlobRef | null;
  /** @param baseFiles the files of `base`; empty without one */
  complete(baseFiles: ReadonlyMap<string, FileEntry>): Manifest;
}

/** Throws FormatError and UnknownFormat. */
export function decodeManifest(bytes: Uint8Array): DecodedManifest {
  const parsed = parseJson(Buffer.from(bytes).toString());
  requireFormat(parsed);
  const json = record(parsed, 'the manifest', [
    'format',
    'session',
    'generation',
    'sequence',
    'savedAt',
    'browser',
    'platform',
    'live',
    'leftOut',
    'base',
    'removed',
    'files',
    'packs',
  ]);
  count(json.format, 'format');
  const packs = list(json.packs, 'packs').map((name) => {
    if (parsePackName(text(name, 'a pack')) === undefined) throw new FormatError('no pack’s name');
    return name as string;
  });
  const base = json.base === null ? null : decodeRef(json.base, packs, MAX_MANIFEST_BYTES);
  const removed = list(json.removed, 'removed').map((path) => text(path, 'a removed path'));
  return {
    base,
    complete: (baseFiles) => {
      const files = new Map(baseFiles);
      for (const path of removed) files.delete(path);
      for (const file of list(json.files, 'files')) decodeFile(file, packs, files);
      return {
        session: text(json.session, 'session'),
        generation: count(json.generation, 'generation', 1),
        sequence: count(json.sequence, 'sequence', 1),
        savedAt: text(json.savedAt, 'savedAt'),
        browserVersion: textOrNull(json.browser, 'browser'),
        platform: text(json.platform, 'platform'),
        live: decodeLive(json.live, packs),
        leftOut: list(json.leftOut, 'leftOut').map((path) => text(path, 'a path left out')),
        files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
      };
    },
  };
}

function decodeFile(value: unknown, packs: string[], files: Map<string, FileEntry>): void {
  const [path, size, keep, chunks] = list(value, 'a file');
  const name = carriedPath(text(path, 'a path'));
  const kept = files.get(name)?.chunks ?? [];
  const keepCount = count(keep, 'keep');
  if (keepCount > kept.length) throw new FormatError(`${name} keeps more than there is`);
  const own = list(chunks, 'chunks').map((ref) => decodeRef(ref, packs));
  const entry = { size: count(size, 'size'), chunks: [...kept.slice(0, keepCount), ...own] };
  const length = entry.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length !== entry.size) throw new FormatError(`${name} has not the size of its chunks`);
  files.set(name, entry);
}

/** A path that leads into the profile, and there to something that is carried. */
function carriedPath(path: string): string {
  const isPlain = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain || /[\\\0]/.test(path) || !isCarried(path)) {
    throw new FormatError(`${JSON.stringify(path)} does not belong in a snapshot`);
  }
  return path;
}

function decodeLive(value: unknown, packs: string[]): ManifestLiveValues {
  const [state, reason, chunks] = list(value, 'live');
  if (state !== 'included' && state !== 'not-needed' && state !== 'unavailable') {
    throw new FormatError('live has an unknown state');
  }
  return {
    state,
    reason: textOrNull(reason, 'the reason'),
    chunks: list(chunks, 'chunks').map((ref) => decodeRef(ref, packs)),
  };
}

function decodeRef(value: unknown, packs: string[], longest = MAX_CHUNK_BYTES): BlobRef {
  const [index, offset, stored, length, id] = list(value, 'a blob');
  const pack = packs[count(index, 'a pack’s place')];
  if (pack === undefined) throw new FormatError('a blob is in a pack that is not named');
  const ref = {
    pack,
    offset: count(offset, 'offset'),
    stored: count(stored, 'stored', 1),
    length: count(length, 'length'),
    id: text(id, 'id'),
  };
  if (ref.length > longest) throw new FormatError('a blob is too long');
  return ref;
}

function commonBeginning(a: readonly BlobRef[], b: readonly BlobRef[]): number {
  let same = 0;
  while (same < a.length && same < b.length && isSameRef(a[same], b[same])) same++;
  return same;
}

export function isSameRef(a: BlobRef | undefined, b: BlobRef | undefined): boolean {
  return a === b || (a?.pack === b?.pack && a?.offset === b?.offset);
}

/** The packs that a manifest names, each once. */
class Packs {
  readonly names: string[] = [];
  readonly #places = new Map<string, number>();

  encode({ pack, offset, stored, length, id }: BlobRef): unknown[] {
    let place = this.#places.get(pack);
    if (place === undefined) {
      place = this.names.push(pack) - 1;
      this.#places.set(pack, place);
    }
    return [place, offset, stored, length, id];
  }
}
