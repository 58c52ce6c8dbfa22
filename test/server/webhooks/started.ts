import { EventEmitter } from 'node:events';
import { onTestFinished } from 'vitest';
import type { FleetEvents } from '../../../src/fleet/fleet-events.js';
import type { FleetSessionState } from '../../../src/fleet/session-view.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { LogFields } from '../../../src/server/log/log.js';
import type { Delivery } from '../../../src/server/webhooks/delivery/delivery.js';
import { Webhooks, type WebhooksOptions } from '../../../src/server/webhooks/webhooks.js';

export const SECRET = Buffer.alloc(32, 5);

/** A worker's webhooks that have begun, the fleet they hear, and what they log. */
export async function startWebhooks(options: Partial<WebhooksOptions> = {}) {
  const fleet = new EventEmitter<FleetEvents>();
  const store = options.store ?? new MemoryObjects();
  const logged: [event: string, fields: LogFields | undefined][] = [];
  const entries = new EventEmitter<{ entry: [string] }>();
  const webhooks = new Webhooks({
    fleet,
    store,
    secret: SECRET,
    allowPrivate: true,
    pauseMs: () => 0,
    log: {
      write: (_level, event, fields) => {
        logged.push([event, fields]);
        entries.emit('entry', event);
      },
    },
    ...options,
  });
  await webhooks.start();
  onTestFinished(() => webhooks.close());
  const tellState = (session: string, state: FleetSessionState) =>
    fleet.emit('happening', session, {
      at: '2026-11-05T12:00:00.000Z',
      what: 'state',
      state,
      worker: null,
      detail: null,
    });
  const untilLogged = (event: string) =>
    new Promise<void>((resolve) => {
      if (logged.some(([name]) => name === event)) resolve();
      entries.on('entry', (name) => name === event && resolve());
    });
  return { webhooks, fleet, store, logged, tellState, untilLogged };
}

/** Whether its end has come, one way or the other, shows in the log of deliveries a moment later. */
export async function untilEnded(webhooks: Webhooks, id: string): Promise<Delivery[]> {
  for (;;) {
    const deliveries = await webhooks.deliveries(id);
    if (deliveries.every(({ state }) => state !== 'pending')) return deliveries;
    await new Promise(setImmediate);
  }
}
