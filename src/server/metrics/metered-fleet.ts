import type { FleetEvents } from '../../fleet/fleet-events.js';
import type { SessionView, WorkerView } from '../../fleet/session-view.js';

/** What is asked of a fleet to measure it; `Fleet` is one. */
export interface MeteredFleet {
  readonly isReady: boolean;
  readonly self: Pick<WorkerView, 'capacity'>;
  workers(): readonly unknown[];
  held(): { id: string; view: Pick<SessionView, 'state'>; browserPid: number | null }[];
  on<E extends keyof FleetEvents>(
    event: E,
    listener: (...payload: FleetEvents[E]) => void,
  ): unknown;
  off<E extends keyof FleetEvents>(
    event: E,
    listener: (...payload: FleetEvents[E]) => void,
  ): unknown;
}
