import { open } from 'node:fs/promises';
import type { BlobReader } from '../blob-reader.js';
import { ReusableBuffer } from '../reusable-buffer.js';
import type { Destination, RestorePlan } from './restore-plan.js';

export interface RestoreProgress {
  /** Bytes fetched so far, and altogether. */
  done: number;
  total: number;
}

/** Fetches what the plan says, proves it and writes it. */
export async function fetchChunks(
  { fetch, fetchBytes }: RestorePlan,
  reader: BlobReader,
  readsAtOnce: number,
  onProgress: (progress: RestoreProgress) => void,
): Promise<void> {
  let done = 0;
  const packs = fetch.entries();
  let isFailed = false;
  const work = async () => {
    const memory = new ReusableBuffer();
    for (const [pack, chunks] of packs) {
      if (isFailed) return;
      await reader.readMany(pack, [...chunks.keys()], memory, async (ref, content) => {
        for (const destination of chunks.get(ref) ?? []) await write(destination, content);
        done += ref.stored;
        onProgress({ done, total: fetchBytes });
      });
    }
  };
  const workers = Array.from({ length: readsAtOnce }, () =>
    work().catch((error: unknown) => {
      isFailed = true;
      throw error;
    }),
  );
  const results = await Promise.allSettled(workers);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

async function write({ file, position }: Destination, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    for (let written = 0; written < content.length; ) {
      const { bytesWritten } = await handle.write(
        content,
        written,
        content.length - written,
        position + written,
      );
      written += bytesWritten;
    }
  } finally {
    await handle.close();
  }
}
