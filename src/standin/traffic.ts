import { randomBytes } from 'node:crypto';
import type { Device } from './device.js';
import { composeMessage } from './messages.js';
import type { WaitOptions } from './waiters.js';

const TICK_MS = 20;

/** While the device is away, no more than this waits for it. */
const QUEUE_LIMIT = 1000;

const CHATS = 10;

export interface TrafficOptions {
  /** Messages a second. */
  perSecond: number;
  /** Length of each message's text. */
  bytes: number;
  /** Told of each message how many milliseconds after it was sent it was acknowledged. */
  onAcked?: (ms: number) => void;
}

/** Continuous messages to a device, over any number of its restarts. */
export class Traffic {
  sent = 0;
  acked = 0;
  #unacked: { n: number; sentAt: number }[] = [];
  #due = 0;
  #lastTick = performance.now();
  #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly device: Device,
    private readonly options: TrafficOptions,
  ) {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Ends it; resolves once the device has acknowledged all of it (`timeoutMs` as elsewhere). */
  async stop(options: WaitOptions = {}): Promise<void> {
    this.end();
    const what = 'acknowledgement of all traffic';
    await this.device.until(what, () => this.#unacked.length === 0, options);
  }

  /** Ends it without waiting for anything. */
  end(): void {
    clearInterval(this.#timer);
  }

  acknowledged(upTo: number): void {
    for (let first = this.#unacked[0]; first && first.n <= upTo; first = this.#unacked[0]) {
      this.#unacked.shift();
      this.acked++;
      this.options.onAcked?.(performance.now() - first.sentAt);
    }
  }

  #tick(): void {
    const now = performance.now();
    this.#due += ((now - this.#lastTick) / 1000) * this.options.perSecond;
    this.#lastTick = now;
    for (; this.#due >= 1; this.#due--) {
      if (this.device.unacked < QUEUE_LIMIT) this.#send();
    }
  }

  #send(): void {
    const number = this.sent++;
    const body = `${number} ${randomBytes(this.options.bytes).toString('base64')}`;
    const from = `120255502${String(number % CHATS).padStart(2, '0')}@c.us`;
    const message = composeMessage({ from, body: body.slice(0, this.options.bytes) });
    const sentAt = performance.now();
    this.#unacked.push({ n: this.device.queue({ kind: 'message', message }).n, sentAt });
  }
}
