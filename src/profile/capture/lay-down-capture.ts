import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CapturedFile, CapturedProfile } from './captured-profile.js';
import { type Fill, readCaptured } from './read-captured.js';

const PIECE_BYTES = 1024 * 1024;

/**
 * Writes the files of a captured profile into a folder, for this user only. What the browser held
 * in memory is not among them: see `finishLayDown`.
 *
 * @throws {HoldfastError} CAPTURE_FAILED, and errors of the file system as they are
 */
export async function layDownCapture(
  { files }: CapturedProfile,
  userDataDir: string,
): Promise<void> {
  for (const file of files) {
    const target = join(userDataDir, file.path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const isThere = await readCaptured(file, (fill) => writeFile(file, fill, target));
    if (isThere === null) await rm(target, { force: true });
  }
}

async function writeFile(file: CapturedFile, fill: Fill, target: string): Promise<true> {
  const handle = await open(target, 'w', 0o600);
  try {
    for await (const piece of piecesOf(file, fill)) await handle.appendFile(piece);
  } finally {
    await handle.close();
  }
  return true;
}

/** The content of a captured file; each piece is valid until the next one is asked for. */
export async function* piecesOf({ size }: CapturedFile, fill: Fill): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size));
  for (let at = 0; at < size; at += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - at));
    await fill(piece, at);
    yield piece;
  }
}
