import { EventEmitter } from 'node:events';
import type { FleetEvents } from '../fleet/fleet-events.js';
import { emitSafely } from '../system/emit-safely.js';
import type { ServedFleet } from './served-fleet.js';

const EVENTS = ['session', 'released', 'happening', 'message', 'roster', 'workers', 'log'] as const;

/** What this process's worker tells, for as many listeners as there are streams. */
export class OwnEvents extends EventEmitter<FleetEvents> {
  readonly #undo: (() => void)[] = [];

  constructor(fleet: ServedFleet) {
    super();
    this.setMaxListeners(0);
    for (const event of EVENTS) this.#relay(fleet, event);
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.removeAllListeners();
  }

  #relay<E extends keyof FleetEvents>(fleet: ServedFleet, event: E): void {
    const listener = (...payload: FleetEvents[E]) =>
      emitSafely(this as EventEmitter, event, payload);
    fleet.on(event, listener);
    this.#undo.push(() => fleet.off(event, listener));
  }
}
