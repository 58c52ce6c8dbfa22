import type { FleetEvents, FleetMessage } from '../../fleet/fleet-events.js';
import type { Happening, SessionView } from '../../fleet/session-view.js';
import { type EventSource, listen } from '../listen.js';
import type { WebhookEvent } from './webhook.js';

export type Tell = (event: WebhookEvent, at: string, data: unknown) => void;

/**
 * Tells what happens to the sessions that this worker holds; so of all workers one tells it.
 *
 * @returns ends it
 */
export function followSessions(fleet: EventSource<FleetEvents>, tell: Tell): () => void {
  const alerts = new Map<string, ReadonlySet<string>>();

  const onHappening = (session: string, happening: Happening) => {
    if (happening.what !== 'state') return;
    const { at, state, detail } = happening;
    tell('session.state', at, { session, state, detail });
  };
  const onSession = ({ id, alerts: shown }: SessionView) => {
    const before = alerts.get(id);
    alerts.set(id, new Set(shown.map(({ code, since }) => `${code} ${since}`)));
    for (const { code, message, since } of shown) {
      if (before?.has(`${code} ${since}`)) continue;
      tell('session.alert', since, { session: id, code, message });
    }
  };
  const onReleased = (id: string) => {
    alerts.delete(id);
  };
  const onMessage = (session: string, message: FleetMessage) => {
    tell('message', new Date().toISOString(), { session, message });
  };

  return listen(fleet, {
    happening: onHappening,
    session: onSession,
    released: onReleased,
    message: onMessage,
  });
}
