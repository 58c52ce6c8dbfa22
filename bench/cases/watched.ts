import { DiskWatch } from '../measure/disk-watch.js';
import { bytesBelow } from '../measure/files.js';
import type { Done } from '../peers/peer.js';
import type { Figures } from '../report/results.js';

/** Does something of a peer's and says all that it cost. */
export async function watched(
  { runFolder, store }: { runFolder: string; store: string },
  action: () => Promise<Done>,
): Promise<Figures> {
  const watch = new DiskWatch(runFolder);
  let diskPeakBytes: number;
  let done: Done;
  try {
    done = await action();
  } finally {
    diskPeakBytes = watch.stop();
  }
  const { wallMs, cpuSeconds, memoryBytes, requests, bytesSent } = done;
  const storeBytes = bytesBelow(store);
  return { wallMs, cpuSeconds, memoryBytes, requests, bytesSent, diskPeakBytes, storeBytes };
}
