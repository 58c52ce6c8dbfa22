import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Log } from '../log/log.js';
import type { delivery } from '../schemas/webhooks.js';
import { post } from './post.js';
import type { Webhook } from './webhook-cell.js';

export type Delivery = z.infer<typeof delivery>;

/** Before the second try, the third, … */
export const PAUSES_MS = [1_000, 5_000, 30_000, 120_000];
const MOST_PENDING = 500;
const MOST_AT_ONCE = 4;
const MOST_KEPT = 100;

export interface DeliveriesOptions {
  secretOf(id: string): string;
  allowPrivate: boolean;
  pausesMs?: readonly number[] | undefined;
  log: Log;
}

interface Queue {
  /** What is kept of the last ones, oldest first. */
  kept: Delivery[];
  pending: number;
  /** Those that wait for their turn to be sent. */
  waiting: (() => void)[];
  sending: number;
}

/** Sends to webhooks, again if need be, and remembers how that went. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #stop = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Of this worker, newest first. */
  of(webhookId: string): Delivery[] {
    return [...(this.#queues.get(webhookId)?.kept ?? [])].reverse();
  }

  /** @returns whether it will be sent: too many may wait already */
  send(webhook: Webhook, event: string, about: { session: string | null; data: unknown }): boolean {
    if (this.#stop.signal.aborted) return false;
    const queue = this.#queueOf(webhook.id);
    if (queue.pending >= MOST_PENDING) {
      this.#options.log.write('warn', 'webhook_full', { webhook: webhook.id, dropped: event });
      return false;
    }
    const at = new Date().toISOString();
    const delivery: Delivery = { id: randomUUID(), event, at, attempts: [], state: 'pending' };
    queue.kept = [...queue.kept, delivery].slice(-MOST_KEPT);
    queue.pending++;
    const body = JSON.stringify({ id: delivery.id, event, at, ...about });
    void this.#deliver(webhook, queue, delivery, body).finally(() => {
      queue.pending--;
    });
    return true;
  }

  /** Of webhooks that are there no more nothing is kept. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#queues.keys()) if (!ids.has(id)) this.#queues.delete(id);
  }

  /** What was not delivered yet is given up. */
  stop(): void {
    this.#stop.abort();
  }

  async #deliver(webhook: Webhook, queue: Queue, delivery: Delivery, body: string): Promise<void> {
    const { signal } = this.#stop;
    const { pausesMs = PAUSES_MS, log } = this.#options;
    for (const pause of [0, ...pausesMs]) {
      if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || !this.#queues.has(webhook.id)) break;
      await this.#inTurn(queue, () => this.#try(webhook, delivery, body));
      const status = delivery.attempts.at(-1)?.status ?? 0;
      if (status < 200 || status > 299) continue;
      delivery.state = 'delivered';
      return;
    }
    delivery.state = 'failed';
    const { event, attempts } = delivery;
    const last = attempts.at(-1);
    const message = last?.error ?? `it answered ${last?.status}`;
    log.write('warn', 'webhook_failed', { webhook: webhook.id, dropped: event, message });
  }

  async #try(webhook: Webhook, delivery: Delivery, body: string): Promise<void> {
    const { allowPrivate, secretOf } = this.#options;
    const started = performance.now();
    const at = new Date().toISOString();
    const { url } = webhook;
    const { event, id } = delivery;
    const secret = secretOf(webhook.id);
    const { signal } = this.#stop;
    const outcome = await post({ url, body, secret, event, id, allowPrivate, signal }).then(
      (status) => ({ status, error: null }),
      (error: Error) => ({ status: null, error: error.message }),
    );
    const durationMs = Math.round(performance.now() - started);
    delivery.attempts = [...delivery.attempts, { at, ...outcome, durationMs }];
  }

  async #inTurn(queue: Queue, work: () => Promise<void>): Promise<void> {
    if (queue.sending >= MOST_AT_ONCE) {
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    }
    queue.sending++;
    try {
      await work();
    } finally {
      queue.sending--;
      queue.waiting.shift()?.();
    }
  }

  #queueOf(id: string): Queue {
    const queue = this.#queues.get(id) ?? { kept: [], pending: 0, waiting: [], sending: 0 };
    this.#queues.set(id, queue);
    return queue;
  }
}
