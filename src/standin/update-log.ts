import { randomBytes } from 'node:crypto';
import { nextChain } from './proof.js';
import type { LostUpdate, Update, WireMessage } from './wire.js';

/** Messages whose text is kept after they were acknowledged, for a device that lost them. */
const KEPT_FOR_RESEND = 5000;

export interface Numbered {
  n: number;
  payload: string;
}

/** A log in a form that goes through JSON; messages to send again are not in it. */
export interface UpdateLogRecord {
  chains: string[];
  acked: number;
  unacked: Numbered[];
}

/** Every update of one device in order: its chain, what it has not acknowledged, what it may lose. */
export class UpdateLog {
  acked: number;
  /** The chain after update n; 32 bytes a step, kept for the device's whole life. */
  #chains: string[];
  #unacked: Numbered[];
  #messages = new Map<number, WireMessage>();

  constructor(record?: UpdateLogRecord) {
    this.#chains = [...(record?.chains ?? [randomBytes(32).toString('base64')])];
    this.acked = record?.acked ?? 0;
    this.#unacked = [...(record?.unacked ?? [])];
  }

  /** The chain before the first update. */
  get seed(): string {
    return this.#chains[0] ?? '';
  }

  get last(): number {
    return this.#chains.length - 1;
  }

  get unackedCount(): number {
    return this.#unacked.length;
  }

  chainAt(n: number): string | undefined {
    return this.#chains[n];
  }

  record(): UpdateLogRecord {
    return { chains: [...this.#chains], acked: this.acked, unacked: [...this.#unacked] };
  }

  append(update: Update): Numbered {
    const payload = JSON.stringify(update);
    const numbered = { n: this.last + 1, payload };
    this.#chains.push(nextChain(this.#chains[this.last] ?? '', payload));
    this.#unacked.push(numbered);
    if (update.kind === 'message') this.#messages.set(numbered.n, update.message);
    return numbered;
  }

  acknowledge(n: number): void {
    this.acked = Math.max(this.acked, Math.min(n, this.last));
    const first = this.#unacked.findIndex((update) => update.n > this.acked);
    this.#unacked.splice(0, first === -1 ? this.#unacked.length : first);
    for (const kept of this.#messages.keys()) {
      if (this.#messages.size <= KEPT_FOR_RESEND || kept > this.acked) break;
      this.#messages.delete(kept);
    }
  }

  /** Unacknowledged updates after `n`, at most `count`. */
  after(n: number, count: number): Numbered[] {
    const first = this.#unacked.findIndex((update) => update.n > n);
    return first === -1 ? [] : this.#unacked.slice(first, first + count);
  }

  /** What a device at `index` has acknowledged and lost; messages come without their text. */
  lostSince(index: number): LostUpdate[] {
    const lost: LostUpdate[] = [];
    for (let n = index + 1; n <= this.acked; n++) {
      const message = this.#messages.get(n);
      if (!message) lost.push({ n });
      else {
        const { body: _, ...rest } = message;
        lost.push({ n, message: { ...rest, type: 'ciphertext' } });
      }
    }
    return lost;
  }

  messagesSince(index: number): WireMessage[] {
    return [...this.#messages]
      .filter(([n]) => n > index && n <= this.acked)
      .map(([, kept]) => kept);
  }
}
