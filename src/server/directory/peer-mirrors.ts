import type { SessionView, WorkerView } from '../../fleet/session-view.js';
import type { DirectoryEvents } from './directory-events.js';

export interface PeerListeners {
  /** What a worker tells of a session has changed. */
  onSession(id: string): void;
  /** Whether a worker can be reached, or much of what it tells, has changed. */
  onChange(): void;
  onHappening(...payload: DirectoryEvents['happening']): void;
  onMessage(...payload: DirectoryEvents['message']): void;
}

/** What the other workers tell of the sessions that they hold. */
export interface PeerMirrors {
  start(listeners: PeerListeners): void;
  /** These live now. */
  follow(workers: readonly WorkerView[]): void;
  /** @param unheld what is known of it besides */
  describe(holder: WorkerView, unheld: SessionView): SessionView;
  stop(): void;
}
