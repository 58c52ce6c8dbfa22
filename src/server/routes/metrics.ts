import { type Route, route } from '../route.js';
import type { Services } from '../services.js';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsRoutes({ metrics }: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/metrics',
      summary: "This worker's figures for Prometheus.",
      access: 'viewer',
      answers: { 200: { description: 'The figures.', contentType: CONTENT_TYPE } },
      handle: async () =>
        new Response(await metrics.text(), { headers: { 'Content-Type': metrics.contentType } }),
    }),
  ];
}
