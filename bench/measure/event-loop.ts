import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;

/** How late this process's event loop came to timers, in milliseconds. */
export interface LoopDelay {
  loopP50Ms: number;
  loopP99Ms: number;
  loopMaxMs: number;
}

export function followEventLoop(): { stop(): LoopDelay } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // What is recorded is from one tick to the next: the resolution is in it.
  const delay = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    stop() {
      histogram.disable();
      return {
        loopP50Ms: delay(histogram.percentile(50)),
        loopP99Ms: delay(histogram.percentile(99)),
        loopMaxMs: delay(histogram.max),
      };
    },
  };
}
