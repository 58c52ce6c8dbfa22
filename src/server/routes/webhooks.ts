import { ApiError } from '../api-error.js';
import { type Route, route } from '../route.js';
import {
  createdWebhook,
  deliveryList,
  newWebhook,
  ofWebhook,
  webhookList,
} from '../schemas/webhooks.js';
import type { Services } from '../services.js';
import type { Delivery } from '../webhooks/delivery/delivery.js';
import type { Webhooks } from '../webhooks/webhooks.js';

const PATIENCE_MS = 5_000;

export function webhookRoutes({ webhooks, fleet, peers }: Services): Route[] {
  const need = (): Webhooks => {
    if (webhooks !== null) return webhooks;
    throw new ApiError(
      409,
      'FLEET_SECRET_MISSING',
      'Webhooks need a fleet secret: start all workers with the same HOLDFAST_FLEET_SECRET.',
    );
  };
  return [
    route({
      method: 'get',
      path: '/api/v1/webhooks',
      summary: 'The webhooks.',
      access: 'admin',
      answers: { 200: { description: 'Without their secrets.', schema: webhookList } },
      handle: async () => Response.json({ webhooks: await need().list() }),
    }),
    route({
      method: 'post',
      path: '/api/v1/webhooks',
      summary: 'Add a webhook: an address that is told what happens.',
      access: 'admin',
      body: newWebhook,
      answers: { 201: { description: 'With its secret.', schema: createdWebhook } },
      handle: async ({ body }) => Response.json(await need().add(body), { status: 201 }),
    }),
    route({
      method: 'delete',
      path: '/api/v1/webhooks/{id}',
      summary: 'Delete a webhook.',
      access: 'admin',
      params: ofWebhook,
      answers: { 204: { description: 'Deleted.' } },
      handle: async ({ params: { id } }) => {
        await need().remove(id);
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
        await need().test(id);
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
        const own = await need().deliveries(id);
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
