import { type Route, route } from '../route.js';
import { status } from '../schemas/auth.js';
import type { Services } from '../services.js';

export function healthRoutes({ fleet }: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      summary: 'Whether the process serves.',
      access: 'anyone',
      answers: { 200: { description: 'It does.', schema: status } },
      handle: () => Response.json({ status: 'ok' }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Whether the worker holds its place in the fleet.',
      access: 'anyone',
      answers: {
        200: { description: 'It does.', schema: status },
        503: {
          description: 'It does not: it starts, ends, or does not reach the store.',
          schema: status,
        },
      },
      handle: () =>
        fleet.isReady
          ? Response.json({ status: 'ok' })
          : Response.json({ status: 'unavailable' }, { status: 503 }),
    }),
  ];
}
