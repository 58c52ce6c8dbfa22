import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { onEnd } from '../cleanup.js';
import { cache } from '../paths.js';

/** A folder for one run, on the disk of the profiles; gone afterwards. */
export async function withRunFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'run-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
