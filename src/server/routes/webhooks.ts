import { type Route, route } from '../route.js';
import {
  createdWebhook,
  deliveryList,
  newWebhook,
  ofWebhook,
  WEBHOOK_EVENTS,
  webhookList,
} from '../schemas/webhooks.js';
import type { Services } from '../services.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { checkTarget } from '../webhooks/target.js';

const PATIENCE_MS = 5_000;

export function webhookRoutes({ webhooks, deliveries, settings, fleet, peers }: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/webhooks',
      summary: 'The webhooks.',
      access: 'admin',
      answers: { 200: { description: 'Without their secrets.', schema: webhookList } },
      handle: async () => Response.json({ webhooks: await webhooks.read() }),
    }),
    route({
      method: 'post',
      path: '/api/v1/webhooks',
      summary: 'Add a webhook: an address that is told what happens.',
      access: 'admin',
      body: newWebhook,
      answers: { 201: { description: 'With its secret.', schema: createdWebhook } },
      handle: async ({ body: { url, events = [...WEBHOOK_EVENTS] } }) => {
        const { href } = checkTarget(url, settings.allowPrivateWebhooks);
        return Response.json(await webhooks.add(href, [...new Set(events)]), { status: 201 });
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/webhooks/{id}',
      summary: 'Delete a webhook.',
      access: 'admin',
      params: ofWebhook,
      answers: { 204: { description: 'Deleted.' } },
      handle: async ({ params: { id } }) => {
        await webhooks.remove(id);
        return new Response(null, { status: 204 });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/webhooks/{id}/test',
      summary: 'Send a webhook the event `test`.',
      access: 'admin',
      params: ofWebhook,
      answers: { 202: { description: 'It is being sent; its deliveries tell how that went.' } },
      handle: async ({ params: { id } }) => {
        deliveries.send(await webhooks.get(id), 'test', { session: null, data: {} });
        return new Response(null, { status: 202 });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/webhooks/{id}/deliveries',
      summary: 'What was sent to a webhook since the workers started, and how that went.',
      access: 'admin',
      params: ofWebhook,
      answers: {
        200: { description: 'Newest first: the last 100 of each worker.', schema: deliveryList },
      },
      handle: async ({ params: { id }, caller }) => {
        await webhooks.get(id);
        const own = deliveries.of(id);
        const others = caller.by === 'peer' ? [] : await ofOthers(id);
        const all = [...own, ...others].sort((a, b) => (a.at < b.at ? 1 : -1));
        return Response.json({ deliveries: all });
      },
    }),
  ];

  /** Of the workers that can be reached. */
  async function ofOthers(id: string): Promise<Delivery[]> {
    const { client } = peers;
    if (client === null) return [];
    const workers = fleet.workers().filter((worker) => worker.id !== fleet.self.id);
    const answers = await Promise.allSettled(
      workers.map(async (worker) => {
        const answer = await client.ask(worker, {
          method: 'GET',
          path: `/api/v1/webhooks/${encodeURIComponent(id)}/deliveries`,
          role: 'admin',
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        return answer.ok ? ((await answer.json()) as { deliveries: Delivery[] }).deliveries : [];
      }),
    );
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  }
}
