import { randomBytes, randomUUID } from 'node:crypto';
import { HoldfastError } from '../../errors.js';
import type { FleetEvents } from '../../fleet/fleet-events.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { withinTime } from '../../system/within-time.js';
import type { EventSource } from '../listen.js';
import { type Log, SILENT } from '../log/log.js';
import type { Delivery, News } from './delivery/delivery.js';
import { HookQueue } from './delivery/hook-queue.js';
import { growingPauseMs } from './delivery/pauses.js';
import { sendNews } from './delivery/send-news.js';
import { followSessions } from './session-news.js';
import { webhookSecret } from './signature.js';
import {
  type Lookup,
  parseTarget,
  resolveTarget,
  type TargetRules,
} from './target/check-target.js';
import { DEFAULT_EVENTS, isWebhookEvent, type Webhook, type WebhookEvent } from './webhook.js';
import { WebhookList, webhookNotFound } from './webhook-list.js';

const REFRESH_MS = 30_000;
const CLOSE_PATIENCE_MS = 3_000;

export interface WebhooksOptions {
  fleet: EventSource<FleetEvents>;
  store: ObjectStore;
  /** The fleet's: the same for all workers, and after each start. */
  secret: Uint8Array;
  /** Whether receivers may be in private networks, this machine included. Default: false. */
  allowPrivate?: boolean | undefined;
  log?: Log | undefined;
  /** For tests: finds the addresses of a host. */
  lookup?: Lookup | undefined;
  /** For tests: how long to wait after a try that failed. */
  pauseMs?: ((tries: number) => number) | undefined;
}

interface KnownHook {
  hook: Webhook;
  queue: HookQueue;
}

/** Tells the receivers that are listed in the store what happens to the sessions held here. */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #list: WebhookList;
  readonly #rules: TargetRules;
  readonly #log: Log;
  readonly #known = new Map<string, KnownHook>();
  #unfollow: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isUnread = false;
  #isClosed = false;

  constructor(options: WebhooksOptions) {
    const { store, secret, allowPrivate = false, lookup, log = SILENT } = options;
    this.#options = options;
    this.#list = new WebhookList(store, secret);
    this.#rules = { allowPrivate, lookup };
    this.#log = log;
  }

  /** Begins. A list that cannot be read is said in the log, and read again every 30 seconds. */
  async start(): Promise<void> {
    this.#unfollow ??= followSessions(this.#options.fleet, (event, at, data) => {
      for (const { hook, queue } of this.#known.values()) {
        if (hook.events.includes(event)) queue.push({ id: randomUUID(), event, at, data });
      }
    });
    await this.#refreshAgainAndAgain();
  }

  /** What is waiting is tried once more. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#unfollow?.();
    const queues = [...this.#known.values()].map(({ queue }) => queue);
    await withinTime(CLOSE_PATIENCE_MS, Promise.all(queues.map((queue) => queue.drain())));
    const unsent = queues.reduce((sum, queue) => sum + queue.waiting, 0);
    if (unsent > 0) this.#log.write('warn', 'webhooks_unsent', { unsent });
    for (const queue of queues) queue.end();
  }

  /** @throws {HoldfastError} WEBHOOKS_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors */
  async list(): Promise<Webhook[]> {
    return this.#apply(await this.#list.read());
  }

  /**
   * @param asked.events default: states and alerts of sessions, but no messages
   * @returns the hook, with the secret that signs what it is sent; it is never shown again
   * @throws {HoldfastError} WEBHOOK_REFUSED; as `list`
   */
  async add(asked: {
    url: string;
    events?: readonly WebhookEvent[] | undefined;
  }): Promise<Webhook & { secret: string }> {
    const target = parseTarget(asked.url);
    const events = [...new Set(asked.events ?? DEFAULT_EVENTS)];
    if (events.length === 0 || !events.every(isWebhookEvent)) {
      throw new HoldfastError('WEBHOOK_REFUSED', 'The webhook must name events that there are.');
    }
    await resolveTarget(target, this.#rules);
    const id = randomBytes(8).toString('hex');
    const hook = { id, url: target.href, events, createdAt: new Date().toISOString() };
    this.#apply(await this.#list.add(hook));
    return { ...hook, secret: this.#secretOf(id) };
  }

  /** @throws {HoldfastError} WEBHOOK_NOT_FOUND; as `list` */
  async remove(id: string): Promise<void> {
    this.#apply(await this.#list.remove(id));
  }

  /** Sends the receiver an event `test`. @throws {HoldfastError} WEBHOOK_NOT_FOUND; as `list` */
  async test(id: string): Promise<void> {
    const { queue } = await this.#need(id);
    const data = { message: 'A test of this webhook.' };
    queue.push({ id: randomUUID(), event: 'test', at: new Date().toISOString(), data });
  }

  /**
   * The last hundred of this worker, newest first.
   *
   * @throws {HoldfastError} WEBHOOK_NOT_FOUND; as `list`
   */
  async deliveries(id: string): Promise<Delivery[]> {
    return (await this.#need(id)).queue.deliveries;
  }

  async #need(id: string): Promise<KnownHook> {
    // Another worker may have added it just now.
    if (!this.#known.has(id)) await this.list();
    const known = this.#known.get(id);
    if (known === undefined) throw webhookNotFound(id);
    return known;
  }

  async #refreshAgainAndAgain(): Promise<void> {
    try {
      await this.list();
      if (this.#isUnread) this.#log.write('info', 'webhooks_back');
      this.#isUnread = false;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof HoldfastError ? error.code : 'UNEXPECTED';
      if (!this.#isUnread) this.#log.write('error', 'webhooks_not_read', { code, message });
      this.#isUnread = true;
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#refreshAgainAndAgain(), REFRESH_MS).unref();
  }

  #apply(hooks: Webhook[]): Webhook[] {
    if (this.#isClosed) return hooks;
    for (const [id, { queue }] of this.#known) {
      if (hooks.some((hook) => hook.id === id)) continue;
      queue.end();
      this.#known.delete(id);
    }
    for (const hook of hooks) {
      if (!this.#known.has(hook.id)) this.#known.set(hook.id, { hook, queue: this.#queueOf(hook) });
    }
    return hooks;
  }

  #queueOf({ id, url }: Webhook): HookQueue {
    const receiver = { url, secret: this.#secretOf(id), rules: this.#rules };
    // The path of a receiver's URL is often its password.
    const about = { webhook: id, host: URL.canParse(url) ? new URL(url).host : null };
    return new HookQueue({
      send: (news, signal) => sendNews(receiver, news, signal),
      pauseMs: this.#options.pauseMs ?? growingPauseMs,
      onFailed: ({ id: delivery, event: what }: News, { error, status }) => {
        const why = { message: error, status };
        this.#log.write('warn', 'webhook_failed', { ...about, delivery, what, ...why });
      },
      onDropped: (dropped) => {
        if (Number.isInteger(Math.log10(dropped))) {
          this.#log.write('warn', 'webhook_overrun', { ...about, dropped });
        }
      },
    });
  }

  #secretOf(id: string): string {
    return webhookSecret(this.#options.secret, id);
  }
}
