import type { WorkerView } from '../../fleet/session-view.js';
import type { Log } from '../log/log.js';
import type { ServedFleet } from '../served-fleet.js';
import { sessionNotHeld } from '../session-errors.js';
import type { PeerClient } from './peer-client.js';
import type { PassedRequest, PeerGate } from './peer-gate.js';
import type { SignatureCheck } from './signature-check.js';

/** Longer than the holder itself waits for a browser. */
const ANSWER_PATIENCE_MS = 90_000;
const KEPT_HEADERS = ['Content-Type', 'Content-Disposition', 'Content-Length', 'Retry-After'];

/** Passes requests on to the workers that hold the sessions, and takes those that are passed on. */
export function fleetGate(
  fleet: ServedFleet,
  client: PeerClient,
  check: SignatureCheck,
  log: Log,
): PeerGate {
  return {
    identify: (request, body) => check.identify(request, body),
    passOn: async (passed) => {
      const { id, caller } = passed;
      if (fleet.get(id) !== undefined) return null;
      const holder = fleet.holderOf(id);
      if (holder === null || holder.id === fleet.self.id) return null;
      // Two that each take the other for the holder would pass it on for ever.
      if (caller.by === 'peer') throw sessionNotHeld(id);
      try {
        return await ask(client, holder, passed);
      } catch (error) {
        if (passed.request.signal.aborted) throw error;
        const message = error instanceof Error ? error.message : String(error);
        log.write('warn', 'not_passed_on', { session: id, worker: holder.id, message });
        throw sessionNotHeld(id);
      }
    },
  };
}

async function ask(
  client: PeerClient,
  holder: WorkerView,
  { request, body, caller }: PassedRequest,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_PATIENCE_MS);
  const answer = await client
    .ask(holder, {
      method: request.method === 'HEAD' ? 'GET' : request.method,
      path: pathname + search,
      body: Uint8Array.from(body),
      role: caller.role,
      signal: AbortSignal.any([request.signal, patience.signal]),
    })
    .finally(() => clearTimeout(timer));
  const headers = new Headers();
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}
