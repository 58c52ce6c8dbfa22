import { HoldfastError } from '../errors.js';
import type { BlobReader } from './blob-reader.js';
import { FormatError, UnknownFormat } from './decode.js';
import { packKey } from './format.js';
import type { BlobRef, ManifestBase, StoredManifest } from './manifest.js';
import { decodeManifest } from './manifest-encoding.js';

/**
 * Reads a manifest, and the one in full that it is based on.
 *
 * @param bases those that were read already: snapshots of one time share theirs
 * @throws {HoldfastError} OBJECT_MISSING, OBJECT_TRUNCATED, OBJECT_ALTERED, OBJECT_MISPLACED,
 *   FORMAT_UNSUPPORTED, and the store's errors
 */
export async function readManifest(
  reader: BlobReader,
  ref: BlobRef,
  bases = new Map<string, Promise<ManifestBase>>(),
): Promise<StoredManifest> {
  const bytes = await reader.read(ref, 'manifest');
  try {
    const decoded = decodeManifest(bytes);
    const base = decoded.base && (await readBaseOnce(reader, decoded.base, bases));
    const manifest = decoded.complete(base?.files ?? new Map());
    if (manifest.session !== reader.session) throw new FormatError('it is of another session');
    return { ref, base, manifest };
  } catch (error) {
    throw explain(error, reader, ref);
  }
}

function readBaseOnce(
  reader: BlobReader,
  ref: BlobRef,
  bases: Map<string, Promise<ManifestBase>>,
): Promise<ManifestBase> {
  const place = `${ref.pack} ${ref.offset}`;
  const base = bases.get(place) ?? readBase(reader, ref);
  bases.set(place, base);
  return base;
}

async function readBase(reader: BlobReader, ref: BlobRef): Promise<ManifestBase> {
  const decoded = decodeManifest(await reader.read(ref, 'manifest'));
  if (decoded.base) throw new FormatError('its base has a base');
  return { ref, files: decoded.complete(new Map()).files };
}

function explain(error: unknown, { session }: BlobReader, { pack }: BlobRef): unknown {
  const object = packKey(session, pack);
  if (error instanceof UnknownFormat) {
    return new HoldfastError(
      'FORMAT_UNSUPPORTED',
      `A manifest in ${object} has a format that this version of Holdfast does not know. ` +
        'Use the version that saved it, or a newer one.',
    );
  }
  if (error instanceof FormatError) {
    return new HoldfastError(
      'OBJECT_ALTERED',
      `In the store, the manifest in ${object} cannot be read: ${error.message}.`,
      { cause: error },
    );
  }
  return error;
}
