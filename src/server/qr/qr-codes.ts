import type { PeerClient } from '../peers/peer-client.js';
import type { ServedFleet } from '../served-fleet.js';

const PATIENCE_MS = 10_000;

/** The QR text of a session, wherever it is held; null when none is shown. */
export type QrCodes = (id: string) => Promise<string | null>;

export function qrCodesOf(fleet: ServedFleet, client: PeerClient | null): QrCodes {
  return async (id) => {
    const session = fleet.get(id);
    if (session !== undefined) return session.qr;
    const holder = fleet.holderOf(id);
    if (holder === null || client === null) return null;
    const answer = await client.ask(holder, {
      method: 'GET',
      path: `/api/v1/sessions/${encodeURIComponent(id)}/qr`,
      role: 'admin',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) return null;
    return ((await answer.json()) as { qr: string }).qr;
  };
}
