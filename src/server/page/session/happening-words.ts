import type { Happening } from '../../../fleet/session-view.js';
import { formatBytes, formatDuration } from '../words/sizes.js';

export type Save = Extract<Happening, { what: 'saved' }>;
export type Event = Exclude<Happening, { what: 'saved' | 'state' }>;

export function describeSave({ bytesSent, durationMs, sequence }: Save): string {
  return `Snapshot ${sequence}: ${formatBytes(bytesSent)} sent in ${formatDuration(durationMs)}`;
}

/** Everything that is neither a state nor a save. */
export function describeEvent(event: Event): string {
  switch (event.what) {
    case 'save-failed':
      return `A save failed: ${event.message}${nextTry(event.nextTryMs)}`;
    case 'restored': {
      const from = event.from === 'store' ? 'from the store' : 'from the disk of its worker';
      return `Restored ${from} in ${formatDuration(event.durationMs)}`;
    }
    case 'lease-lost':
      return `Lost to another process: ${event.message}`;
  }
}

function nextTry(ms: number | null): string {
  return ms === null ? ' It is not tried again.' : ` Tried again after ${formatDuration(ms)}.`;
}
