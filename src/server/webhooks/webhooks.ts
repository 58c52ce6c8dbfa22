import type { FleetMessage } from '../../fleet/fleet-events.js';
import type { SessionView } from '../../fleet/session-view.js';
import type { Directory } from '../directory/directory.js';
import type { OwnEvents } from '../own-events.js';
import { viewFor } from '../view-for.js';
import type { Deliveries } from './deliveries.js';
import type { WebhookEvent } from './webhook-cell.js';
import type { WebhookList } from './webhook-list.js';

/** Tells webhooks what happens to the sessions that this worker holds. */
export class Webhooks {
  readonly #list: WebhookList;
  readonly #deliveries: Deliveries;
  /** Of each session held here, what was told of last. */
  readonly #told = new Map<string, { state: string; alerts: Set<string> }>();

  constructor(list: WebhookList, deliveries: Deliveries) {
    this.#list = list;
    this.#deliveries = deliveries;
  }

  start(own: OwnEvents, directory: Directory): void {
    own
      .on('session', (view) => this.#note(view))
      .on('released', (id) => this.#told.delete(id))
      .on('message', (id, message: FleetMessage) => this.#send('message', id, message));
    directory.on('webhooks', () => void this.#list.refresh());
    this.#list.start();
  }

  stop(): void {
    this.#list.stop();
    this.#deliveries.stop();
  }

  #note(view: SessionView): void {
    const { id, state, alerts } = view;
    const before = this.#told.get(id);
    const now = new Map(alerts.map((alert) => [`${alert.code} ${alert.since}`, alert]));
    this.#told.set(id, { state, alerts: new Set(now.keys()) });
    if (before?.state !== state) this.#send('session.state', id, viewFor('viewer', view));
    for (const [key, alert] of now) {
      if (!before?.alerts.has(key)) this.#send('session.alert', id, alert);
    }
  }

  #send(event: WebhookEvent, session: string, data: unknown): void {
    for (const webhook of this.#list.all) {
      if (webhook.events.includes(event)) this.#deliveries.send(webhook, event, { session, data });
    }
  }
}
