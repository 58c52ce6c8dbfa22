import { randomUUID } from 'node:crypto';
import { changeCell } from '../../fleet/change-cell.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { ApiError } from '../api-error.js';
import type { Log } from '../log/log.js';
import { keyFor } from '../peers/fleet-secret.js';
import {
  decodeWebhooks,
  encodeWebhooks,
  WEBHOOKS_KEY,
  type Webhook,
  type WebhookEvent,
} from './webhook-cell.js';

const MOST = 20;
/** Workers also tell each other; this is for those that were not reached. */
const REFRESH_MS = 60_000;

/** Which webhooks there are: the same for all workers. */
export class WebhookList {
  readonly #store: ObjectStore;
  readonly #secret: Uint8Array | null;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  #webhooks: Webhook[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  constructor(store: ObjectStore, fleetSecret: Uint8Array | null, log: Log) {
    this.#store = store;
    this.#secret = fleetSecret;
    this.#log = log;
  }

  /** As last read. */
  get all(): readonly Webhook[] {
    return this.#webhooks;
  }

  start(): void {
    if (this.#secret === null) return;
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
    void this.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never fails: what is known stays. */
  async refresh(): Promise<void> {
    try {
      await this.read();
      this.#hasFailed = false;
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#log.write('error', 'webhooks_not_read', { message: (error as Error).message });
    }
  }

  /** @throws {ApiError} FLEET_SECRET_MISSING, WEBHOOKS_UNREADABLE, and the store's errors */
  async read(): Promise<readonly Webhook[]> {
    const key = keyFor(this.#needSecret(), 'webhooks');
    const cell = await this.#store.readCell(WEBHOOKS_KEY);
    this.#webhooks = decodeWebhooks(key, cell?.value ?? null);
    return this.#webhooks;
  }

  /** @throws {ApiError} TOO_MANY_WEBHOOKS, and those of `read` */
  async add(url: string, events: WebhookEvent[]): Promise<Webhook & { secret: string }> {
    const createdAt = new Date().toISOString();
    const webhook: Webhook = { id: randomUUID(), url, events, createdAt };
    await this.#change((webhooks) => {
      if (webhooks.length < MOST) return [...webhooks, webhook];
      throw new ApiError(409, 'TOO_MANY_WEBHOOKS', `There are ${MOST} webhooks. Delete one first.`);
    });
    return { ...webhook, secret: this.secretOf(webhook.id) };
  }

  /** @throws {ApiError} WEBHOOK_NOT_FOUND, and those of `read` */
  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.#change((webhooks) => webhooks.filter((webhook) => webhook.id !== id));
  }

  /** @throws {ApiError} WEBHOOK_NOT_FOUND, and those of `read` */
  async get(id: string): Promise<Webhook> {
    const webhook = (await this.read()).find((each) => each.id === id);
    if (webhook !== undefined) return webhook;
    throw new ApiError(404, 'WEBHOOK_NOT_FOUND', 'There is no such webhook.');
  }

  /** What its deliveries are signed with: kept nowhere, computed when it is needed. */
  secretOf(id: string): string {
    return `whsec_${keyFor(this.#needSecret(), `webhook ${id}`).toString('base64url')}`;
  }

  /** @returns a function that ends it */
  onOwnChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #change(change: (webhooks: Webhook[]) => Webhook[]): Promise<void> {
    const key = keyFor(this.#needSecret(), 'webhooks');
    this.#webhooks = await changeCell<Webhook[]>(this.#store, WEBHOOKS_KEY, {
      decode: (value) => decodeWebhooks(key, value),
      change,
      encode: (webhooks) => encodeWebhooks(key, webhooks),
    });
    for (const listener of this.#listeners) listener();
  }

  #needSecret(): Uint8Array {
    if (this.#secret !== null) return this.#secret;
    throw new ApiError(
      409,
      'FLEET_SECRET_MISSING',
      'Webhooks need a fleet secret: start all workers with the same HOLDFAST_FLEET_SECRET.',
    );
  }
}
