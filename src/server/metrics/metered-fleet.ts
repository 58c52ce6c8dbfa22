import type { FleetEvents } from '../../fleet/fleet-events.js';
import type { SessionView, WorkerView } from '../../fleet/session-view.js';
import type { EventSource } from '../listen.js';

/** What is asked of a fleet to measure it; `Fleet` is one. */
export interface MeteredFleet extends EventSource<FleetEvents> {
  readonly isReady: boolean;
  readonly self: Pick<WorkerView, 'capacity'>;
  workers(): readonly unknown[];
  held(): { id: string; view: Pick<SessionView, 'state'>; browserPid: number | null }[];
}
