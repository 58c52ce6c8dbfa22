import type { BigIntStats } from 'node:fs';
import { nodeFiles, type ProfileFiles } from '../../../src/profile/capture/profile-files.js';

/** A file system that gives the same inode again at once, and whose times have not moved on. */
export function coarseFiles(modifiedAt: Date): ProfileFiles {
  const coarse = <T>(stats: T): T => {
    const { ino } = stats as BigIntStats;
    if (typeof ino !== 'bigint') return stats;
    const mtimeMs = BigInt(modifiedAt.getTime());
    return Object.assign(stats as object, { ino: 1n, mtimeMs, mtimeNs: mtimeMs * 1_000_000n }) as T;
  };
  const stat = async (...args: Parameters<typeof nodeFiles.stat>) =>
    coarse(await nodeFiles.stat(...args));
  const open = async (...args: Parameters<typeof nodeFiles.open>) => {
    const handle = await nodeFiles.open(...args);
    const real = handle.stat.bind(handle) as (options?: object) => Promise<BigIntStats>;
    return Object.assign(handle, { stat: async (options?: object) => coarse(await real(options)) });
  };
  return { ...nodeFiles, stat, open } as ProfileFiles;
}
