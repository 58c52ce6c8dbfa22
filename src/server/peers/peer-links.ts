import { PeerMirrors } from '../directory/peer-mirrors.js';
import type { Log } from '../log/log.js';
import type { ServedFleet } from '../served-fleet.js';
import { fleetGate } from './fleet-gate.js';
import { keyFor } from './fleet-secret.js';
import { loneGate } from './lone-gate.js';
import { PeerClient } from './peer-client.js';
import type { PeerGate } from './peer-gate.js';
import { SignatureCheck } from './signature-check.js';

/** How this worker and the others talk. */
export interface PeerLinks {
  gate: PeerGate;
  isSigned(request: Request): boolean;
  /** Null without a fleet secret. */
  mirrors: PeerMirrors | null;
  client: PeerClient | null;
}

export function peerLinks(fleet: ServedFleet, fleetSecret: Uint8Array | null, log: Log): PeerLinks {
  if (fleetSecret === null) {
    return { gate: loneGate(fleet), isSigned: () => false, mirrors: null, client: null };
  }
  const key = keyFor(fleetSecret, 'requests between workers');
  const ownId = () => fleet.self.id;
  const client = new PeerClient(key);
  const check = new SignatureCheck(key, ownId);
  return {
    gate: fleetGate(fleet, client, check, log),
    isSigned: (request) => check.isSigned(request),
    mirrors: new PeerMirrors(client, ownId, log),
    client,
  };
}
