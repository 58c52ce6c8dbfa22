import { EventEmitter } from 'node:events';
import type { FleetEvents } from '../../../src/fleet/fleet-events.js';
import type { FleetSessionState } from '../../../src/fleet/session-view.js';
import type { MeteredFleet } from '../../../src/server/metrics/metered-fleet.js';

type Held = ReturnType<MeteredFleet['held']>;

/** A fleet that is what a test says it is. */
export class SimulatedFleet extends EventEmitter<FleetEvents> implements MeteredFleet {
  isReady = true;
  self = { capacity: 20 };
  #held: Held = [];

  workers() {
    return ['this one', 'another one'];
  }

  held(): Held {
    return this.#held;
  }

  hold(id: string, state: FleetSessionState, browserPid: number | null = null): void {
    this.#held.push({ id, view: { state }, browserPid });
  }

  release(id: string): void {
    this.#held = this.#held.filter((session) => session.id !== id);
    this.emit('released', id);
  }
}
