import { Gauge, type Registry } from 'prom-client';
import type { FleetSessionState } from '../../fleet/session-view.js';
import type { MeteredFleet } from './metered-fleet.js';

/** As an object, so that a state that is forgotten here does not compile. */
const NONE: Record<FleetSessionState, 0> = {
  waiting: 0,
  starting: 0,
  qr: 0,
  code: 0,
  syncing: 0,
  ready: 0,
  offline: 0,
  'backing-off': 0,
  stopping: 0,
  stopped: 0,
};

/** What is so at the moment of the scrape. */
export function addWorkerGauges(fleet: MeteredFleet, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'holdfast_sessions',
    help: 'Sessions that this worker holds, by their state.',
    labelNames: ['state'],
    registers,
    collect() {
      const counts: Record<string, number> = { ...NONE };
      for (const { view } of fleet.held()) counts[view.state] = (counts[view.state] ?? 0) + 1;
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'holdfast_workers',
    help: 'Workers of the fleet that live, as this one sees it.',
    registers,
    collect() {
      this.set(fleet.workers().length);
    },
  });
  new Gauge({
    name: 'holdfast_worker_ready',
    help: '1 while this worker holds its place in the fleet, else 0.',
    registers,
    collect() {
      this.set(fleet.isReady ? 1 : 0);
    },
  });
  new Gauge({
    name: 'holdfast_capacity',
    help: 'How many sessions this worker holds at most.',
    registers,
    collect() {
      this.set(fleet.self.capacity);
    },
  });
}
