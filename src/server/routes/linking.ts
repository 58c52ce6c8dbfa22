import { ApiError } from '../api-error.js';
import { qrPng } from '../qr/png.js';
import { qrSvg } from '../qr/svg.js';
import { type Route, route } from '../route.js';
import { pairingCode, phone, qr, qrQuery } from '../schemas/linking.js';
import { ofSession } from '../schemas/sessions.js';
import type { ServedFleet, ServedSession } from '../served-fleet.js';
import type { Services } from '../services.js';
import { sessionNotHeld } from '../session-errors.js';

const IMAGES: [
  ending: string,
  type: string,
  draw: (qr: string) => string | Uint8Array<ArrayBuffer>,
][] = [
  ['txt', 'text/plain; charset=utf-8', (text) => text],
  ['svg', 'image/svg+xml', qrSvg],
  ['png', 'image/png', qrPng],
];

export function linkingRoutes({ fleet, directory }: Services): Route[] {
  const heldSession = (id: string): ServedSession => {
    directory.get(id);
    return needHeld(fleet, id);
  };
  return [
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}/qr',
      summary: 'The QR code that links a session, as text.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      query: qrQuery,
      answers: { 200: { description: 'While it can be scanned.', schema: qr } },
      handle: ({ params: { id } }) => {
        const session = heldSession(id);
        return Response.json({ qr: qrOf(session), ...session.view.qr });
      },
    }),
    ...IMAGES.map(([ending, contentType, draw]) =>
      route({
        method: 'get',
        path: `/api/v1/sessions/{id}/qr.${ending}`,
        summary: `The QR code that links a session, as ${contentType.replace(/;.*/, '')}.`,
        access: 'admin',
        atHolder: true,
        params: ofSession,
        query: qrQuery,
        answers: { 200: { description: 'While it can be scanned.', contentType } },
        handle: ({ params: { id } }) =>
          new Response(draw(qrOf(heldSession(id))), { headers: { 'Content-Type': contentType } }),
      }),
    ),
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/pairing-code',
      summary: 'A code that links a session when it is typed on the phone.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      body: phone,
      answers: { 200: { description: 'The code.', schema: pairingCode } },
      handle: async ({ params: { id }, body }) => {
        const session = heldSession(id);
        const code = await session.requestPairingCode(body.phone);
        const validUntil = session.view.code?.validUntil ?? new Date().toISOString();
        return Response.json({ code, validUntil });
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/sessions/{id}/pairing-code',
      summary: 'Back from pairing codes to QR codes.',
      access: 'admin',
      atHolder: true,
      params: ofSession,
      answers: { 204: { description: 'QR codes are shown again.' } },
      handle: async ({ params: { id } }) => {
        await heldSession(id).cancelPairingCode();
        return new Response(null, { status: 204 });
      },
    }),
  ];
}

/** @throws {ApiError} SESSION_NOT_HELD */
function needHeld(fleet: ServedFleet, id: string): ServedSession {
  const session = fleet.get(id);
  if (session !== undefined) return session;
  throw sessionNotHeld(id);
}

/** @throws {ApiError} NOT_LINKING */
function qrOf({ id, qr: text, view }: ServedSession): string {
  if (text !== null && view.qr !== null) return text;
  throw new ApiError(
    409,
    'NOT_LINKING',
    `The session ${id} shows no QR code at the moment: it is ${view.state}.`,
  );
}
