import { EventEmitter } from 'node:events';
import type { FleetEvents } from '../../src/fleet/fleet-events.js';
import type { FleetSessionState } from '../../src/fleet/session-view.js';
import type * as MemoryObjectsModule from '../../src/objects/memory-objects.js';
import type * as MetricsModule from '../../src/server/metrics/metrics.js';
import type * as TimedObjectsModule from '../../src/server/metrics/timed-objects.js';
import { load } from '../built.js';
import { quantile } from '../measure/statistics.js';
import { bytes, column, milliseconds } from '../report/columns.js';
import type { BenchCase } from './bench-case.js';

const SESSIONS = [1, 200, 1000];
const SCRAPES = 200;
const STATES: FleetSessionState[] = ['ready', 'ready', 'ready', 'qr', 'offline', 'backing-off'];
const FAILURES = ['STORE_UNREACHABLE', 'STORE_FULL', 'CAPTURE_FAILED'];
const AT = '2026-11-05T12:00:00.000Z';

export const metricsCase: BenchCase = {
  title: 'A scrape of /metrics by Prometheus, of a worker with simulated sessions',
  columns: [
    column('p50', 'p50Ms', milliseconds),
    column('p99', 'p99Ms', milliseconds),
    column('max', 'maxMs', milliseconds),
    column('CPU', 'cpuMs', milliseconds),
    column('answer', 'answerBytes', bytes),
  ],

  async run({ say }, results) {
    for (const sessions of SESSIONS) {
      say(`${SCRAPES} scrapes with ${sessions} sessions`);
      const row = { size: 0, peer: 'holdfast', operation: `sessions: ${sessions}` };
      results.add(row, await scrape(sessions));
    }
  },
};

async function scrape(sessions: number) {
  const { createMetrics } = load<typeof MetricsModule>('server/metrics/metrics.js');
  const fleet = new SimulatedFleet(sessions);
  const store = await usedStore();
  const measure = async (pids: ReadonlySet<number>) =>
    new Map([...pids].map((pid) => [pid, 200e6 + pid]));
  const metrics = createMetrics(fleet, { store, measure });
  fleet.saveAll();
  await metrics.sample();
  await metrics.text();
  const times: number[] = [];
  const usedBefore = process.cpuUsage();
  let answerBytes = 0;
  for (let i = 0; i < SCRAPES; i++) {
    const began = performance.now();
    answerBytes = Buffer.byteLength(await metrics.text());
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(usedBefore);
  metrics.close();
  return {
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: quantile(times, 1),
    cpuMs: (user + system) / 1000 / SCRAPES,
    answerBytes,
  };
}

class SimulatedFleet extends EventEmitter<FleetEvents> {
  readonly isReady = true;
  readonly self: { capacity: number };
  readonly #held: { id: string; view: { state: FleetSessionState }; browserPid: number }[];

  constructor(sessions: number) {
    super();
    this.self = { capacity: sessions };
    this.#held = Array.from({ length: sessions }, (_, i) => {
      const state = STATES[i % STATES.length] ?? 'ready';
      return { id: `customer-${i}`, view: { state }, browserPid: i + 1 };
    });
  }

  workers() {
    return [this.self];
  }

  held() {
    return this.#held;
  }

  saveAll(): void {
    this.#held.forEach(({ id }, i) => {
      const save = { at: AT, sequence: 1, bytesSent: 3000, durationMs: i, size: null };
      this.emit('happening', id, { what: 'saved', ...save });
      const failure = { code: FAILURES[i % FAILURES.length] ?? '', message: '', nextTryMs: 1 };
      this.emit('happening', id, { at: AT, what: 'save-failed', ...failure });
    });
  }
}

/** One that has been asked everything, with all that may come of it. */
async function usedStore() {
  const { MemoryObjects } = load<typeof MemoryObjectsModule>('objects/memory-objects.js');
  const { TimedObjects } = load<typeof TimedObjectsModule>('server/metrics/timed-objects.js');
  const store = new TimedObjects(new MemoryObjects());
  await store.put('object', Buffer.of(1));
  await store.get('object');
  await store.get('object', undefined, AbortSignal.abort());
  await store.swapCell('cell', Buffer.of(1), null);
  await store.swapCell('cell', Buffer.of(1), null).catch(() => undefined);
  await store.readCell('cell');
  for await (const _ of store.list(''));
  await store.delete(['object']);
  return store;
}
