import type { FileHandle } from 'node:fs/promises';
import type { DeflateRaw, InflateRaw } from 'node:zlib';

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a file from `start` to before `end`, or to where the file ends. Each chunk is valid
 * until the next one is asked for: with a buffer for each, tens of megabytes wait for the collector.
 */
export async function* readChunks(
  file: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - start));
  for (let at = start; at < end; ) {
    const length = Math.min(buffer.length, end - at);
    const { bytesRead } = await file.read(buffer, 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Sends chunks through a stream of zlib, each once the one before has been used up. */
export async function* throughZlib(
  chunks: AsyncIterable<Buffer>,
  zlib: DeflateRaw | InflateRaw,
): AsyncGenerator<Buffer> {
  const closed = new Promise<void>((resolve) => zlib.once('close', resolve));
  const feed = async () => {
    for await (const chunk of chunks) {
      // Called back when zlib needs the chunk no more; when it fails, never.
      const used = new Promise<void>((resolve) => zlib.write(chunk, () => resolve()));
      await Promise.race([used, closed]);
      if (zlib.destroyed) return;
    }
    zlib.end();
  };
  const fed = feed().catch((error: Error) => zlib.destroy(error));
  try {
    yield* zlib;
  } finally {
    zlib.destroy();
    await fed;
  }
}

/** Writes all of `bytes` at a place of a file: one call to the system may write a part only. */
export async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
