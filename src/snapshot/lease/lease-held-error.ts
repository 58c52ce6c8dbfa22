import { HoldfastError } from '../../errors.js';
import type { WorkerCell } from './worker-cell.js';

/** Who holds a session. */
export interface LeaseHolder {
  /** The id of its worker, as the session's head names it. */
  worker: string;
  host: string;
  pid: number;
  /** In milliseconds: so long it must not have been heard of before another may take over. */
  termMs: number;
}

export function holderOf({ worker, host, process, termMs }: WorkerCell): LeaseHolder {
  return { worker, host, pid: process.pid, termMs };
}

/** LEASE_HELD, with the holder for programs to look at. */
export class LeaseHeldError extends HoldfastError {
  readonly holder: LeaseHolder;

  constructor(session: string, holder: LeaseHolder) {
    super(
      'LEASE_HELD',
      `The session ${session} is held by process ${holder.pid} on ${holder.host}. End that one ` +
        "first, or have it asked to release the session (onLeaseHeld: 'takeover').",
      { transient: true },
    );
    this.holder = holder;
  }
}
