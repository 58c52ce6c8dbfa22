import { HoldfastError } from '../../errors.js';
import { changeCell } from '../../fleet/change-cell.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { ListSeal } from './list-seal.js';
import type { Webhook } from './webhook.js';
import { decodeWebhooks, encodeWebhooks, WEBHOOKS_KEY } from './webhook-cell.js';

export const MOST_WEBHOOKS = 40;

/** The webhooks of the whole fleet, in the store. */
export class WebhookList {
  readonly #store: ObjectStore;
  readonly #seal: ListSeal;

  constructor(store: ObjectStore, secret: Uint8Array) {
    this.#store = store;
    this.#seal = new ListSeal(secret, WEBHOOKS_KEY);
  }

  /** @throws {HoldfastError} WEBHOOKS_DAMAGED, FORMAT_UNSUPPORTED, and the store's errors */
  async read(): Promise<Webhook[]> {
    return decodeWebhooks((await this.#store.readCell(WEBHOOKS_KEY))?.value ?? null, this.#seal);
  }

  /** @returns all of them. @throws {HoldfastError} WEBHOOK_REFUSED when there are too many; as `read` */
  add(hook: Webhook): Promise<Webhook[]> {
    return this.#change((hooks) => {
      if (hooks.length < MOST_WEBHOOKS) return [...hooks, hook];
      throw new HoldfastError(
        'WEBHOOK_REFUSED',
        `There are ${MOST_WEBHOOKS} webhooks, which is the most there can be. Remove one first.`,
      );
    });
  }

  /** @returns those that are left. @throws {HoldfastError} WEBHOOK_NOT_FOUND; as `read` */
  remove(id: string): Promise<Webhook[]> {
    return this.#change((hooks) => {
      const left = hooks.filter((hook) => hook.id !== id);
      if (left.length === hooks.length) throw webhookNotFound(id);
      return left;
    });
  }

  #change(change: (hooks: Webhook[]) => Webhook[]): Promise<Webhook[]> {
    return changeCell<Webhook[]>(this.#store, WEBHOOKS_KEY, {
      decode: (value) => decodeWebhooks(value, this.#seal),
      change,
      encode: (hooks) => encodeWebhooks(hooks, this.#seal),
    });
  }
}

export function webhookNotFound(id: string): HoldfastError {
  return new HoldfastError('WEBHOOK_NOT_FOUND', `There is no webhook ${JSON.stringify(id)}.`);
}
