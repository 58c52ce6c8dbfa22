import { Fleet } from '../../../src/fleet/fleet.js';
import type { LogEntry } from '../../../src/fleet/fleet-events.js';
import type { FleetOptions } from '../../../src/fleet/fleet-options.js';
import type { FleetSessionState, SessionView } from '../../../src/fleet/session-view.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { until } from '../../client/processes.js';
import { WrappedStore } from '../../snapshot/support/wrapped-store.js';
import { FakeClient, FakeWorld } from './fake-client.js';

export const TERM_MS = 3000;

/** A fleet as one of several workers: each has its own way to the store they share. */
export interface TestFleet {
  fleet: Fleet;
  store: WrappedStore;
  log: LogEntry[];
}

/** Fleets of fake clients on one store; they are stopped after the test. */
export function newFleets(onTestFinished: (end: () => Promise<void>) => void) {
  const shared = new MemoryObjects();
  const world = new FakeWorld();
  const all: TestFleet[] = [];
  const create = (options: Partial<FleetOptions> = {}): TestFleet => {
    const store = new WrappedStore(shared);
    const fleet = new Fleet({
      store,
      encryptionKey: undefined,
      dataPath: '/nowhere',
      address: `http://worker-${all.length + 1}`,
      capacity: 10,
      leaseTermMs: TERM_MS,
      createClient: (id) => new FakeClient(world, store, TERM_MS, id),
      ...options,
    });
    const made: TestFleet = { fleet, store, log: [] };
    fleet.on('log', (entry) => made.log.push(entry));
    all.push(made);
    onTestFinished(async () => {
      store.fault = () => null;
      await fleet.stop();
    });
    return made;
  };
  const start = async (options: Partial<FleetOptions> = {}): Promise<TestFleet> => {
    const made = create(options);
    await made.fleet.start();
    return made;
  };
  const view = (id: string): SessionView =>
    viewOf(
      all.map(({ fleet }) => fleet),
      id,
    );
  const untilState = async (id: string, state: FleetSessionState): Promise<SessionView> => {
    await until(`${id} to be ${state}`, () => view(id).state === state);
    return view(id);
  };
  return { world, shared, create, start, view, untilState };
}

/** As whoever asks any of them would see it. */
function viewOf(fleets: readonly Fleet[], id: string): SessionView {
  for (const fleet of fleets) {
    const held = fleet.get(id);
    if (held && held.view.state !== 'stopping') return held.view;
  }
  for (const fleet of fleets) if (fleet.isReady) return fleet.describeUnheld(id);
  throw new Error('no fleet runs');
}
