import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hashFile } from '../../system/hash-file.js';
import type { CapturedFile, CapturedProfile } from './captured-profile.js';
import { piecesOf } from './lay-down-capture.js';
import { readCaptured } from './read-captured.js';

/**
 * By what a capture is recognised: two that have the same would be laid down as the same files.
 * Only files that may have changed behind their stamp are read. Cookies do not count, since they
 * are not laid down either.
 *
 * @throws {HoldfastError} CAPTURE_FAILED
 */
export function fingerprintOf(profile: CapturedProfile): Promise<string> {
  return fingerprint(profile, hashCaptured);
}

/**
 * The same for what was laid down of a capture, before anything else was done with it: files that
 * go on changing can be others by then.
 */
export function fingerprintOfLaidDown(
  profile: CapturedProfile,
  userDataDir: string,
): Promise<string> {
  return fingerprint(profile, ({ path }) =>
    hashFile(join(userDataDir, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    }),
  );
}

async function fingerprint(
  { files, live }: CapturedProfile,
  contentHash: (file: CapturedFile) => Promise<string | null>,
): Promise<string> {
  const hash = createHash('sha256');
  const add = (values: unknown) => hash.update(`${JSON.stringify(values)}\n`);
  for (const file of files) {
    const { path, size, stamp } = file;
    if (stamp !== null) add([path, size, 'stamp', stamp]);
    else add([path, size, 'content', await contentHash(file)]);
  }
  add(live.state === 'included' ? live.values.localStorage : live.state);
  return hash.digest('hex');
}

/** Null when the file has gone meanwhile. */
function hashCaptured(file: CapturedFile): Promise<string | null> {
  return readCaptured(file, async (fill) => {
    const hash = createHash('sha256');
    for await (const piece of piecesOf(file, fill)) hash.update(piece);
    return hash.digest('hex');
  });
}
