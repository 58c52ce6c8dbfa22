import { sessionName } from '../../auth/session-name.js';
import { HoldfastError } from '../../errors.js';
import { checkSession } from '../../snapshot/check-session.js';
import { openSession, type SessionLocation } from '../../snapshot/open-session.js';
import { listPackSizes } from '../../snapshot/pack-sizes.js';
import { exportAnswer } from '../export-answer.js';
import { type Route, route } from '../route.js';
import {
  ofSession,
  ofSnapshot,
  sessionView,
  snapshotCheck,
  snapshotList,
} from '../schemas/sessions.js';
import type { Services } from '../services.js';
import { sessionNotHeld } from '../session-errors.js';

export function snapshotRoutes({ fleet, directory, store, encryptionKey }: Services): Route[] {
  const locationOf = (id: string): SessionLocation => {
    directory.get(id);
    return { store, session: sessionName(id), encryptionKey };
  };
  return [
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}/snapshots',
      summary: 'What is stored of a session.',
      access: 'viewer',
      params: ofSession,
      answers: { 200: { description: 'The snapshots.', schema: snapshotList } },
      handle: async ({ params: { id } }) => Response.json(await listSnapshots(locationOf(id))),
    }),
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/snapshots/check',
      summary: 'Check that the snapshots of a session are whole.',
      access: 'viewer',
      params: ofSession,
      answers: { 200: { description: 'What was found.', schema: snapshotCheck } },
      handle: async ({ params: { id } }) => Response.json(await checkSnapshots(locationOf(id))),
    }),
    route({
      method: 'post',
      path: '/api/v1/sessions/{id}/snapshots/{sequence}/restore',
      summary: 'Make an earlier snapshot the newest one, and start the session from it.',
      access: 'admin',
      atHolder: true,
      params: ofSnapshot,
      answers: { 202: { description: 'It is being started.', schema: sessionView } },
      handle: async ({ params: { id, sequence } }) => {
        directory.get(id);
        const session = fleet.get(id);
        if (session === undefined) throw sessionNotHeld(id);
        await session.rollBack(sequence);
        return Response.json(directory.get(id), { status: 202 });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/sessions/{id}/export',
      summary: 'The session as the zip of whatsapp-web.js. Not sealed: it is the login.',
      access: 'admin',
      params: ofSession,
      answers: { 200: { description: 'The archive.', contentType: 'application/zip' } },
      handle: ({ params: { id }, request }) => exportAnswer(locationOf(id), request.signal),
    }),
  ];
}

async function listSnapshots(location: SessionLocation) {
  const head = await headOf(location);
  const sizes = [...(await listPackSizes(location.store, location.session)).values()];
  const snapshots = [...(head?.snapshots ?? [])].reverse();
  return {
    snapshots: snapshots.map(({ generation, sequence, savedAt, size, browserVersion }) => ({
      generation,
      sequence,
      savedAt,
      size,
      browserVersion,
    })),
    storedBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

async function checkSnapshots(location: SessionLocation) {
  const started = performance.now();
  const found = (await headOf(location)) === null ? [] : (await checkSession(location)).snapshots;
  const snapshots = found.map(({ sequence, problem }) => ({
    sequence,
    isWhole: problem === null,
    problem: problem && `${problem.code}: ${problem.message}`,
  }));
  return {
    isWhole: snapshots.every(({ isWhole }) => isWhole),
    snapshots,
    durationMs: Math.round(performance.now() - started),
  };
}

/** Null: nothing is stored of it yet, or not any more. */
async function headOf(location: SessionLocation) {
  try {
    return (await openSession(location)).head;
  } catch (error) {
    const isNothing = ['SESSION_NOT_FOUND', 'SESSION_LOGGED_OUT'];
    if (error instanceof HoldfastError && isNothing.includes(error.code)) return null;
    throw error;
  }
}
