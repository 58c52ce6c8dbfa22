import { DiskWatch } from '../measure/disk-watch.js';
import type { Done } from '../peers/peer.js';
import type { Figures } from '../report/results.js';

/** Does something of a peer's in `runFolder` and says all that it cost. */
export async function watched(runFolder: string, action: () => Promise<Done>): Promise<Figures> {
  const watch = new DiskWatch(runFolder);
  try {
    const { wallMs, cpuSeconds, memoryBytes, requests, bytesSent, bytesReceived } = await action();
    return {
      wallMs,
      cpuSeconds,
      memoryBytes,
      requests,
      bytesSent,
      bytesReceived: bytesReceived ?? null,
      diskPeakBytes: watch.stop(),
    };
  } finally {
    watch.stop();
  }
}
