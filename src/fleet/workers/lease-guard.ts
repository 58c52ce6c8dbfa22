export interface LeaseGuardOptions {
  termMs: number;
  /** Since the worker was last renewed. */
  msSinceRenewal(): number;
  /** Nothing may run at the end of the term any more: close. */
  onClose(): void;
  /** Whatever still runs has to go at once. */
  onKill(): void;
  /** It is renewed again. */
  onRenewed(): void;
}

const CLOSE_AT = 0.6;
const KILL_AT = 0.85;
const LOOKS_PER_TERM = 20;
/** A look that comes so late, as a share of the term: the process stood still. */
const LATE = 4 / LOOKS_PER_TERM;

/**
 * Sees to it that no browser of this worker runs any more when others may take its sessions over:
 * one that cannot renew closes them before its term ends.
 */
export class LeaseGuard {
  readonly #options: LeaseGuardOptions;
  readonly #timer: NodeJS.Timeout;
  #lastShare = 0;
  #done: 'nothing' | 'closed' | 'killed' = 'nothing';

  constructor(options: LeaseGuardOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.termMs / LOOKS_PER_TERM).unref();
  }

  /** Whether everything was closed, and the worker is not renewed yet. */
  get hasClosed(): boolean {
    return this.#done !== 'nothing';
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { termMs, msSinceRenewal, onClose, onKill, onRenewed } = this.#options;
    const share = msSinceRenewal() / termMs;
    const wasStopped = share - this.#lastShare > LATE;
    this.#lastShare = share;
    // Pages are fenced against that; its renewal, which is due as well, tells whether it may go on.
    if (wasStopped) return;
    if (share < CLOSE_AT) {
      if (this.#done === 'nothing') return;
      this.#done = 'nothing';
      onRenewed();
      return;
    }
    if (this.#done === 'nothing') {
      this.#done = 'closed';
      onClose();
    }
    if (share >= KILL_AT && this.#done === 'closed') {
      this.#done = 'killed';
      onKill();
    }
  }
}
