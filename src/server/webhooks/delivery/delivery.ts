import type { WebhookEvent } from '../webhook.js';

/** One thing that a receiver is told. */
export interface News {
  /** The same at each try: a receiver knows by it what it has had before. */
  id: string;
  event: WebhookEvent | 'test';
  /** When it happened: ISO 8601, UTC. */
  at: string;
  data: unknown;
}

export interface Attempt {
  /** ISO 8601, UTC. */
  at: string;
  /** Null: there was no answer. */
  status: number | null;
  /** Null when it was delivered. */
  error: string | null;
  durationMs: number;
}

/** What became of some news, for one receiver. */
export interface Delivery {
  id: string;
  event: News['event'];
  at: string;
  attempts: Attempt[];
  state: 'delivered' | 'pending' | 'failed';
}
