import { peerEvents } from '../events/peer-events.js';
import { sessionEvents } from '../events/session-events.js';
import { type Route, route } from '../route.js';
import { ofSession, workerList } from '../schemas/sessions.js';
import type { Services } from '../services.js';

const EVENTS =
  'Server-sent events: `state` first and after a gap, then `session`, `removed`, `workers`, ' +
  '`happening`, and to an admin `message`.';
const STREAM = { 200: { description: EVENTS, contentType: 'text/event-stream' } };

export function eventRoutes({ fleet, own, directory, streams }: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/events',
      summary: 'What happens to all sessions, as it happens.',
      access: 'viewer',
      answers: STREAM,
      handle: ({ caller }) => sessionEvents({ directory, streams, caller, id: null }),
    }),
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}/events',
      summary: 'What happens to one session, as it happens.',
      access: 'viewer',
      params: ofSession,
      answers: STREAM,
      handle: ({ params: { id }, caller }) => {
        directory.get(id);
        return sessionEvents({ directory, streams, caller, id });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/workers',
      summary: 'The workers that live.',
      access: 'viewer',
      answers: { 200: { description: 'The eldest first.', schema: workerList } },
      handle: () => Response.json({ workers: directory.workers() }),
    }),
    route({
      method: 'get',
      path: '/peer/events',
      summary: 'For other workers: what happens to the sessions that this one holds.',
      access: 'worker',
      answers: STREAM,
      handle: () => peerEvents(fleet, own, streams),
    }),
  ];
}
