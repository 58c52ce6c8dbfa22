import { sessionIdOf } from '../../auth/session-name.js';
import { ApiError } from '../api-error.js';
import { type Route, route } from '../route.js';
import {
  history,
  newSession,
  ofSession,
  removal,
  sessionList,
  sessionView,
} from '../schemas/sessions.js';
import type { Services } from '../services.js';
import { sessionNotHeld } from '../session-errors.js';
import { viewFor } from '../view-for.js';

export function sessionRoutes({ fleet, directory }: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/sessions',
      summary: 'All sessions of the fleet.',
      access: 'viewer',
      answers: { 200: { description: 'By their ids.', schema: sessionList } },
      handle: ({ caller: { role } }) =>
        Response.json({ sessions: directory.list().map((view) => viewFor(role, view)) }),
    }),
    route({
      method: 'post',
      path: '/api/v1/sessions',
      summary: 'Add a session; a worker with room takes it.',
      access: 'admin',
      body: newSession,
      answers: { 201: { description: 'Added.', schema: sessionView } },
      handle: async ({ body }) => {
        const id = sessionIdOf(body.id);
        await fleet.add(id);
        return Response.json(directory.get(id), { status: 201 });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}',
      summary: 'One session.',
      access: 'viewer',
      params: ofSession,
      answers: { 200: { description: 'The session.', schema: sessionView } },
      handle: ({ params: { id }, caller: { role } }) =>
        Response.json(viewFor(role, directory.get(id))),
    }),
    route({
      method: 'delete',
      path: '/api/v1/sessions/{id}',
      summary: 'Take a session off the fleet; `purge=true` also deletes what is stored of it.',
      access: 'admin',
      params: ofSession,
      query: removal,
      answers: { 204: { description: 'Removed.' } },
      handle: async ({ params: { id }, query }) => {
        directory.get(id);
        await fleet.remove(id, { purge: query.purge === 'true' });
        return new Response(null, { status: 204 });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/restart',
      summary: 'Close and start a session anew; also starts a stopped one, and ends a back-off.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      answers: { 202: { description: 'It is being started.', schema: sessionView } },
      handle: async ({ params: { id } }) => {
        const { state } = directory.get(id);
        if (state === 'stopped') await fleet.setWanted(id, true);
        else await fleet.get(id)?.restart();
        return Response.json(directory.get(id), { status: 202 });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/logout',
      summary: 'Log a session out of WhatsApp and delete what is stored of it; it is stopped then.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      answers: { 200: { description: 'Logged out.', schema: sessionView } },
      handle: async ({ params: { id } }) => {
        const { state } = directory.get(id);
        if (state === 'stopped') {
          throw new ApiError(
            409,
            'SESSION_STOPPED',
            `The session ${id} does not run. Start it (restart), then log it out.`,
          );
        }
        const session = fleet.get(id);
        if (session === undefined) throw sessionNotHeld(id);
        await session.logout();
        return Response.json(directory.get(id));
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}/history',
      summary: 'What has happened to a session.',
      access: 'viewer',
      atHolder: true,
      params: ofSession,
      answers: { 200: { description: 'Oldest first.', schema: history } },
      handle: async ({ params: { id } }) => {
        directory.get(id);
        return Response.json({ happenings: await fleet.history(id) });
      },
    }),
  ];
}
