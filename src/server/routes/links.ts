import { z } from 'zod';
import { ApiError } from '../api-error.js';
import { customerEvents } from '../events/customer-events.js';
import { RateLimit } from '../limits/rate-limit.js';
import type { PageFiles } from '../page-files.js';
import { type Route, route } from '../route.js';
import { customerLink, linkRequest } from '../schemas/linking.js';
import { ofSession } from '../schemas/sessions.js';
import type { Services } from '../services.js';

const OF_ONE_ADDRESS = { burst: 30, perSecond: 0.5 };
const DEFAULT_MINUTES = 60;
const ofToken = z.object({ token: z.string().max(100) });
const GONE = { description: 'It was used, or its time is over.' };
const UNKNOWN = { description: 'There is no such link.' };

export function linkRoutes(services: Services, files: PageFiles): Route[] {
  const { fleet, directory, settings, streams, qrCodes } = services;
  const limit = new RateLimit(OF_ONE_ADDRESS);
  const open = async (token: string, address: string) => {
    const wait = limit.take(address);
    if (wait === 0) return fleet.openLink(token);
    throw new ApiError(429, 'TOO_MANY_REQUESTS', `Too many requests. Wait ${wait} s.`, {
      retryAfterS: wait,
    });
  };
  return [
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/links',
      summary: 'A page to hand to a customer: it shows only the QR code of this session.',
      access: 'admin',
      params: ofSession,
      body: linkRequest,
      answers: { 201: { description: 'Its address, told this once only.', schema: customerLink } },
      handle: async ({ params: { id }, body: { validMinutes = DEFAULT_MINUTES } }) => {
        directory.get(id);
        const { token, expiresAt } = await fleet.createLink(id, validMinutes * 60_000);
        const url = `${settings.publicUrl}/link/${token}`;
        return Response.json({ url, expiresAt }, { status: 201 });
      },
    }),
    route({
      method: 'get',
      path: '/link/{token}',
      summary: 'The page of such a link.',
      access: 'anyone',
      params: ofToken,
      answers: {
        200: { description: 'The page.', contentType: 'text/html; charset=utf-8' },
        404: UNKNOWN,
        410: GONE,
      },
      handle: async ({ params: { token }, address, request }) => {
        const status = statusOf(await open(token, address));
        const page = files.answer('link.html', request, status);
        if (page === null) throw new ApiError(404, 'NOT_FOUND', 'This build has no page.');
        page.headers.set('Cache-Control', 'no-store');
        return page;
      },
    }),
    route({
      method: 'get',
      path: '/link/{token}/events',
      summary: 'What that page shows: `qr`, `waiting`, then `linked` or `expired`.',
      access: 'anyone',
      params: ofToken,
      answers: {
        200: { description: 'Server-sent events.', contentType: 'text/event-stream' },
        404: UNKNOWN,
        410: GONE,
      },
      handle: async ({ params: { token }, address }) => {
        const link = await open(token, address);
        if ('id' in link) return customerEvents({ ...link, directory, streams, qrCodes });
        throw statusOf(link) === 410
          ? new ApiError(410, 'LINK_EXPIRED', 'This link was used, or its time is over.')
          : new ApiError(404, 'NOT_FOUND', 'There is no such link.');
      },
    }),
  ];
}

function statusOf(link: Awaited<ReturnType<Services['fleet']['openLink']>>): number {
  if ('id' in link) return 200;
  return link.state === 'unknown' ? 404 : 410;
}
