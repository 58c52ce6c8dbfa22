import { ApiError } from '../api-error.js';
import type { ServedFleet } from '../served-fleet.js';
import type { PeerGate } from './peer-gate.js';

/** Without a fleet secret nothing is passed on, and nothing that was is believed. */
export function loneGate(fleet: ServedFleet): PeerGate {
  return {
    identify: () => null,
    passOn: async ({ id }) => {
      const holder = fleet.holderOf(id);
      if (holder === null || holder.id === fleet.self.id) return null;
      throw new ApiError(
        503,
        'SESSION_NOT_HELD',
        `Another worker holds the session ${id}, and there is no fleet secret to ask it with: ` +
          'start all workers with the same HOLDFAST_FLEET_SECRET.',
        { retryAfterS: 2 },
      );
    },
  };
}
