import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { exportSession } from '../snapshot/archive/export-session.js';
import type { SessionLocation } from '../snapshot/open-session.js';
import { ApiError } from './api-error.js';

/** Each takes the disk space of a profile, twice. */
const MOST_AT_ONCE = 2;
let running = 0;

/** A session as a zip to download; what it needs of the disk goes with the answer. */
export async function exportAnswer(
  location: SessionLocation,
  signal: AbortSignal,
): Promise<Response> {
  if (running >= MOST_AT_ONCE) {
    const message = `${MOST_AT_ONCE} sessions are being exported already. Try again soon.`;
    throw new ApiError(429, 'TOO_MANY_REQUESTS', message, { retryAfterS: 10 });
  }
  running++;
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-export-'));
  const end = async () => {
    running--;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const zipFile = path.join(folder, 'session.zip');
    await exportSession({ ...location, zipFile });
    signal.throwIfAborted();
    const { size } = await stat(zipFile);
    const file = createReadStream(zipFile);
    void once(file, 'close').then(end, end);
    return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
      headers: {
        'Content-Type': 'application/zip',
        'Content-Length': String(size),
        // The stored name of a session: letters, digits, _ and - only.
        'Content-Disposition': `attachment; filename="${location.session}.zip"`,
      },
    });
  } catch (error) {
    await end();
    throw error;
  }
}
