import { Counter, Histogram, type Registry } from 'prom-client';
import type { Happening } from '../../fleet/session-view.js';

const SAVE_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Counts what happens to the sessions of this worker. */
export function addHappeningCounters(registry: Registry): (happening: Happening) => void {
  const registers = [registry];
  const saves = new Counter({
    name: 'holdfast_saves_total',
    help: 'Snapshots saved by this worker.',
    registers,
  });
  const saveBytes = new Counter({
    name: 'holdfast_save_bytes_total',
    help: 'Bytes sent to the store by saves.',
    registers,
  });
  const saveDurations = new Histogram({
    name: 'holdfast_save_duration_seconds',
    help: 'How long saves took.',
    buckets: SAVE_BUCKETS_S,
    registers,
  });
  const saveFailures = new Counter({
    name: 'holdfast_save_failures_total',
    help: 'Saves that failed and are tried again, by error code.',
    labelNames: ['code'],
    registers,
  });
  const restores = new Counter({
    name: 'holdfast_restores_total',
    help: 'Profiles brought back, from the store or from what was still on the disk.',
    labelNames: ['from'],
    registers,
  });
  const leaseLosses = new Counter({
    name: 'holdfast_lease_losses_total',
    help: 'Sessions that this worker held and lost to another one.',
    registers,
  });
  for (const from of ['store', 'disk']) restores.inc({ from }, 0);

  return (happening) => {
    switch (happening.what) {
      case 'saved':
        saves.inc();
        saveBytes.inc(happening.bytesSent);
        saveDurations.observe(happening.durationMs / 1000);
        break;
      case 'save-failed':
        saveFailures.inc({ code: happening.code });
        break;
      case 'restored':
        restores.inc({ from: happening.from });
        break;
      case 'lease-lost':
        leaseLosses.inc();
        break;
      case 'state':
        break;
    }
  };
}
