import { open } from 'node:fs/promises';
import type { BlobReader } from '../blob-reader.js';
import type { Destination, RestorePlan } from './restore-plan.js';

/** More would be faster on a store far away, and take more memory: each is up to 8 MiB. */
const PACKS_AT_ONCE = 2;

export interface RestoreProgress {
  /** Bytes fetched so far, and altogether. */
  done: number;
  total: number;
}

/** Fetches what the plan says, proves it and writes it. */
export async function fetchChunks(
  { fetch, fetchBytes }: RestorePlan,
  reader: BlobReader,
  onProgress: (progress: RestoreProgress) => void,
): Promise<void> {
  let done = 0;
  const packs = fetch.entries();
  let isFailed = false;
  const work = async () => {
    for (const [pack, chunks] of packs) {
      if (isFailed) return;
      await reader.readMany(pack, [...chunks.keys()], async (ref, content) => {
        for (const destination of chunks.get(ref) ?? []) await write(destination, content);
        done += ref.stored;
        onProgress({ done, total: fetchBytes });
      });
    }
  };
  const workers = Array.from({ length: PACKS_AT_ONCE }, () =>
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
