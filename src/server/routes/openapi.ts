import { z } from 'zod';
import { readVersion } from '../../system/version.js';
import { openApi } from '../openapi.js';
import { type Route, route } from '../route.js';

/** The document of these routes and of its own. */
export function openApiRoute(others: readonly Route[]): Route {
  const own: Route = route({
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This document.',
    access: 'viewer',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    handle: () => Response.json(document()),
  });
  let made: Record<string, unknown> | undefined;
  const document = () => {
    made ??= openApi([...others, own], readVersion());
    return made;
  };
  return own;
}
