import type { Attempt, Delivery, News } from './delivery.js';

const MOST = 100;

/** The last deliveries to one receiver, in memory. */
export class DeliveryLog {
  readonly #deliveries = new Map<string, Delivery>();

  /** Newest first. */
  get all(): Delivery[] {
    const all = [...this.#deliveries.values()].reverse();
    return all.map((delivery) => ({ ...delivery, attempts: [...delivery.attempts] }));
  }

  begin({ id, event, at }: News): void {
    this.#deliveries.set(id, { id, event, at, attempts: [], state: 'pending' });
    const [oldest] = this.#deliveries.keys();
    if (this.#deliveries.size > MOST && oldest !== undefined) this.#deliveries.delete(oldest);
  }

  add(id: string, attempt: Attempt): void {
    this.#deliveries.get(id)?.attempts.push(attempt);
  }

  end(id: string, state: 'delivered' | 'failed'): void {
    const delivery = this.#deliveries.get(id);
    if (delivery !== undefined) delivery.state = state;
  }
}
