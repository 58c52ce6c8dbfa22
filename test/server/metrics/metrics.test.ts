import { afterEach, expect, test } from 'vitest';
import type { Happening } from '../../../src/fleet/session-view.js';
import { createMetrics, type Metrics } from '../../../src/server/metrics/metrics.js';
import { SimulatedFleet } from './simulated-fleet.js';

const AT = '2026-11-05T12:00:00.000Z';

let metrics: Metrics | undefined;

afterEach(() => {
  metrics?.close();
});

/** The lines of holdfast's own figures that are not about buckets. */
async function figures(): Promise<string[]> {
  const text = (await metrics?.text()) ?? '';
  return text.split('\n').filter((line) => /^holdfast_/.test(line) && !line.includes('_bucket'));
}

test('says what the worker is at, with every state', async () => {
  const fleet = new SimulatedFleet();
  metrics = createMetrics(fleet);
  fleet.hold('a', 'ready');
  fleet.hold('b', 'ready');
  fleet.hold('c', 'backing-off');
  const lines = await figures();
  const sessions = lines.filter((line) => line.startsWith('holdfast_sessions{'));
  expect(sessions).toHaveLength(10);
  expect(lines).toContain('holdfast_sessions{state="ready"} 2');
  expect(lines).toContain('holdfast_sessions{state="backing-off"} 1');
  expect(lines).toContain('holdfast_sessions{state="qr"} 0');
  expect(lines).toContain('holdfast_workers 2');
  expect(lines).toContain('holdfast_worker_ready 1');
  expect(lines).toContain('holdfast_capacity 20');

  fleet.release('a');
  fleet.isReady = false;
  const later = await figures();
  expect(later).toContain('holdfast_sessions{state="ready"} 1');
  expect(later).toContain('holdfast_worker_ready 0');
});

test('counts saves, failures, restores and lost leases', async () => {
  const fleet = new SimulatedFleet();
  metrics = createMetrics(fleet);
  const happenings: Happening[] = [
    { what: 'saved', at: AT, sequence: 1, bytesSent: 1000, durationMs: 250, size: null },
    { what: 'saved', at: AT, sequence: 2, bytesSent: 500, durationMs: 1750, size: 9 },
    { what: 'save-failed', at: AT, code: 'STORE_UNREACHABLE', message: 'Gone.', nextTryMs: 1 },
    { what: 'restored', at: AT, from: 'store', durationMs: 10 },
    { what: 'lease-lost', at: AT, code: 'LEASE_LOST', message: 'Lost.' },
    { what: 'state', at: AT, state: 'ready', worker: null, detail: null },
  ];
  for (const happening of happenings) fleet.emit('happening', 'a', happening);
  const lines = await figures();
  expect(lines).toContain('holdfast_saves_total 2');
  expect(lines).toContain('holdfast_save_bytes_total 1500');
  expect(lines).toContain('holdfast_save_duration_seconds_sum 2');
  expect(lines).toContain('holdfast_save_duration_seconds_count 2');
  expect(lines).toContain('holdfast_save_failures_total{code="STORE_UNREACHABLE"} 1');
  expect(lines).toContain('holdfast_restores_total{from="store"} 1');
  expect(lines).toContain('holdfast_restores_total{from="disk"} 0');
  expect(lines).toContain('holdfast_lease_losses_total 1');
});

test('shows the memory of browsers as last sampled, and forgets it with the session', async () => {
  const fleet = new SimulatedFleet();
  let samples = 0;
  metrics = createMetrics(fleet, {
    measure: async (pids) => {
      samples++;
      return new Map([...pids].map((pid) => [pid, pid * 1000]));
    },
  });
  fleet.hold('a', 'ready', 7);
  fleet.hold('b', 'ready', 8);
  fleet.hold('closed', 'backing-off', null);
  await metrics.sample();
  const memory = async () =>
    (await figures()).filter((line) => line.startsWith('holdfast_browser_memory_bytes'));
  expect(await memory()).toEqual([
    'holdfast_browser_memory_bytes{session="a"} 7000',
    'holdfast_browser_memory_bytes{session="b"} 8000',
  ]);
  expect(samples).toBe(1);
  fleet.release('a');
  expect(await memory()).toEqual(['holdfast_browser_memory_bytes{session="b"} 8000']);
});

test('a session that goes while its browser is looked at leaves no series', async () => {
  const fleet = new SimulatedFleet();
  metrics = createMetrics(fleet, {
    measure: async () => {
      fleet.release('a');
      return new Map([[7, 1]]);
    },
  });
  fleet.hold('a', 'ready', 7);
  await metrics.sample();
  expect((await figures()).join()).not.toContain('memory');
});

test('two of them do not mix, and each has the process as node knows it', async () => {
  const fleet = new SimulatedFleet();
  const other = createMetrics(new SimulatedFleet());
  metrics = createMetrics(fleet);
  const saved = { at: AT, sequence: 1, bytesSent: 1, durationMs: 1, size: null };
  fleet.emit('happening', 'a', { what: 'saved', ...saved });
  expect(await other.text()).toContain('holdfast_saves_total 0');
  expect(await other.text()).toContain('process_cpu_seconds_total ');
  expect(other.contentType).toContain('text/plain');
  other.close();
});

test('after the end nothing listens to the fleet', () => {
  const fleet = new SimulatedFleet();
  const closed = createMetrics(fleet);
  closed.close();
  closed.close();
  expect(fleet.eventNames()).toEqual([]);
});
