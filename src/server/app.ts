import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { RouteAnswerer } from './answer-route.js';
import { ApiError, errorAnswer, unforeseenAnswer } from './api-error.js';
import { addressKey } from './limits/address-key.js';
import { RateLimit } from './limits/rate-limit.js';
import type { Log } from './log/log.js';
import type { Route } from './route.js';
import { checkHost } from './security/check-host.js';
import { secureHeaders } from './security/headers.js';
import type { Settings } from './settings.js';

export interface AppOptions {
  routes: readonly Route[];
  answerer: RouteAnswerer;
  settings: Settings;
  /** Whether another worker has signed it: those are not counted. */
  isFromPeer(request: Request): boolean;
  log: Log;
}

export type App = Hono<{ Bindings: HttpBindings }>;

/** The routes behind what is the same for all of them. */
export function createApp({ routes, answerer, settings, isFromPeer, log }: AppOptions): App {
  const app: App = new Hono();
  const limit = new RateLimit(settings.rate);
  app.use(async (context, next) => {
    await next();
    secureHeaders(context.res.headers);
  });
  app.use(async (context, next) => {
    checkHost(context.req.header('Host') ?? null, settings.allowedHosts);
    const wait = isFromPeer(context.req.raw) ? 0 : limit.take(addressOf(context.env));
    if (wait > 0) {
      throw new ApiError(429, 'TOO_MANY_REQUESTS', `Too many requests. Wait ${wait} s.`, {
        retryAfterS: wait,
      });
    }
    await next();
  });
  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(route.path), async (context) => {
      const request = context.req.raw;
      const asked = { request, params: context.req.param(), address: addressOf(context.env) };
      try {
        const response = await answerer.answer(route, asked);
        // Hono answers HEAD by GET, and nobody would end what a stream has begun.
        if (request.method === 'HEAD') await response.body?.cancel();
        return response;
      } catch (error) {
        return answerOf(error, request, route.path);
      }
    });
  }
  app.notFound(() => {
    throw new ApiError(
      404,
      'NOT_FOUND',
      'There is nothing at this address, or not by this method.',
    );
  });
  app.onError((error, context) => answerOf(error, context.req.raw, null));
  /** @param path the route's: a request's own may be a link, which is a secret */
  const answerOf = (error: unknown, { method, signal }: Request, path: string | null) => {
    const known = errorAnswer(error);
    // Whoever has gone meanwhile is told nothing, and nothing is wrong.
    if (known !== null || signal.aborted) return known ?? unforeseenAnswer();
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.write('error', 'request_failed', { method, path, message });
    return unforeseenAnswer();
  };
  return app;
}

function addressOf({ incoming }: HttpBindings): string {
  return addressKey(incoming.socket.remoteAddress ?? '');
}

/** `{id}` is `:id` there; a path may have slashes. */
function honoPath(path: string): string {
  return path.replace('{path}', ':path{.+}').replace(/\{(\w+)\}/g, ':$1');
}
