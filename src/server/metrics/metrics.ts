import { Registry } from 'prom-client';
import type { Happening } from '../../fleet/session-view.js';
import { BrowserMemory } from './browser-memory.js';
import { addHappeningCounters } from './happening-counters.js';
import type { MeteredFleet } from './metered-fleet.js';
import type { measureGroups } from './process-memory.js';
import { processMetrics } from './process-metrics.js';
import type { TimedObjects } from './timed-objects.js';
import { addWorkerGauges } from './worker-gauges.js';

export interface MetricsOptions {
  /** The fleet's store. */
  store?: TimedObjects | undefined;
  /** For tests: looks at the memory of processes. */
  measure?: typeof measureGroups | undefined;
}

/** This worker's figures for Prometheus. */
export interface Metrics {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Looks at the browsers' memory now; else every 30 seconds. */
  sample(): Promise<void>;
  /** Ends its timer and listeners. May be called twice; the text can still be had. */
  close(): void;
}

/** Counts from now on what happens in the fleet. */
export function createMetrics(
  fleet: MeteredFleet,
  { store, measure }: MetricsOptions = {},
): Metrics {
  const registry = new Registry();
  addWorkerGauges(fleet, registry);
  const count = addHappeningCounters(registry);
  const memory = new BrowserMemory(fleet, registry, measure);
  if (store !== undefined) registry.registerMetric(store.durations);
  const onHappening = (_id: string, happening: Happening) => count(happening);
  fleet.on('happening', onHappening);
  return {
    contentType: registry.contentType,
    async text() {
      const parts = await Promise.all([registry.metrics(), processMetrics().metrics()]);
      return parts.join('');
    },
    sample: () => memory.sample(),
    close() {
      fleet.off('happening', onHappening);
      memory.close();
    },
  };
}
