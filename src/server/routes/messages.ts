import { type Route, route } from '../route.js';
import { newMessage, sentMessage } from '../schemas/linking.js';
import { ofSession } from '../schemas/sessions.js';
import type { Services } from '../services.js';
import { sessionNotHeld } from '../session-errors.js';

export function messageRoutes({ fleet, directory }: Services): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/messages',
      summary: 'Send a text message.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      body: newMessage,
      answers: { 201: { description: 'Sent.', schema: sentMessage } },
      handle: async ({ params: { id }, body: { to, text } }) => {
        directory.get(id);
        const session = fleet.get(id);
        if (session === undefined) throw sessionNotHeld(id);
        return Response.json(await session.sendText(to, text), { status: 201 });
      },
    }),
  ];
}
