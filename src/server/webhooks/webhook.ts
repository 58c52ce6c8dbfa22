export const WEBHOOK_EVENTS = ['session.state', 'session.alert', 'message'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Of whoever does not choose. Texts of messages go nowhere unasked. */
export const DEFAULT_EVENTS: readonly WebhookEvent[] = ['session.state', 'session.alert'];

export interface Webhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  /** ISO 8601, UTC. */
  createdAt: string;
}

export function isWebhookEvent(value: unknown): value is WebhookEvent {
  return WEBHOOK_EVENTS.some((event) => event === value);
}
