/** Requests to the store, told apart by what they do to a session. */
export type RequestKind =
  | 'get'
  | 'put'
  | 'list'
  | 'delete'
  | 'read-cell'
  | 'swap-head'
  | 'swap-key'
  | 'swap-worker';

/** A request at which a worker stops and says so, for the blow to fall exactly there. */
export interface Halt {
  kind: RequestKind;
  /** The how manieth of its kind, from 1. */
  nth: number;
  /** With `after` the request has taken effect, and its answer is on its way. */
  when: 'before' | 'after';
}

/** How the store fails. */
export interface StoreFaults {
  /** The share of requests that fail: half of them after they took effect. */
  failing: number;
  /** The share that takes up to `DELAY_MS` longer. */
  slow: number;
}

export interface StoreState {
  isAway: boolean;
  faults: StoreFaults | null;
}

export interface WorkerSettings {
  storeUrl: string;
  clientId: string;
  dataPath: string;
  browserArgs: string[];
  leaseTermMs: number;
  intervalMs: number;
  /** For what is random in this worker. */
  seed: string;
  state: StoreState;
  halt: Halt | null;
}

export type ToWorker =
  | { type: 'halt'; halt: Halt }
  | { type: 'go-on' }
  | { type: 'store'; state: StoreState };

/** What a worker tells, each with the time of this machine's clock in milliseconds. */
export type WorkerEvent = { at: number } & (
  | { event: 'halted' }
  | { event: 'qr'; qr: string }
  | { event: 'authenticated' }
  | { event: 'ready' }
  | { event: 'saved'; generation: number; sequence: number; durationMs: number; reason: string }
  | { event: 'save-failed'; error: string; nextTryMs: number | null }
  | { event: 'restored'; from: 'disk' | 'store'; durationMs: number; skipped: number }
  | { event: 'lease-waiting' }
  | { event: 'lease-lost'; error: string }
  | { event: 'auth-failure'; message: string }
  | { event: 'disconnected'; reason: string }
  | { event: 'failed'; error: string }
);

export type EventName = WorkerEvent['event'];
export type EventOf<E extends EventName> = Extract<WorkerEvent, { event: E }>;
