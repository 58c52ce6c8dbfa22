import { createHash } from 'node:crypto';
import { HoldfastError } from '../../errors.js';
import { MAX_CELL_BYTES } from '../../objects/object-store.js';
import {
  FormatError,
  flag,
  list,
  parseJson,
  record,
  requireFormat,
  text,
  UnknownFormat,
} from '../../snapshot/decode.js';
import { FORMAT_VERSION } from '../../snapshot/format.js';
import { newNonce } from '../../snapshot/head.js';

/** A session that the fleet is to keep. */
export interface RosterEntry {
  id: string;
  /** ISO 8601, UTC. */
  addedAt: string;
  /** False: it was stopped, or logged out. */
  isWanted: boolean;
}

/** A cell holds 64 KiB: one would be full with some hundreds of sessions. */
export const ROSTER_SHARDS = 8;

export function rosterKey(shard: number): string {
  return `fleet/roster/${shard}`;
}

export function shardOf(id: string): number {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % ROSTER_SHARDS;
}

/** @throws {HoldfastError} ROSTER_FULL */
export function encodeRoster(key: string, entries: readonly RosterEntry[]): Uint8Array {
  const value = Buffer.from(
    JSON.stringify({
      format: FORMAT_VERSION,
      nonce: newNonce(),
      sessions: entries.map(({ id, addedAt, isWanted }) => [id, addedAt, isWanted]),
    }),
  );
  if (value.length <= MAX_CELL_BYTES) return value;
  throw new HoldfastError(
    'ROSTER_FULL',
    `The list of sessions has no room for another one in its part ${key}. Remove sessions that ` +
      'are not needed any more, or keep some in a second store.',
  );
}

/**
 * One that is not here is empty; one that cannot be understood never looks like that.
 *
 * @throws {HoldfastError} ROSTER_DAMAGED, FORMAT_UNSUPPORTED
 */
export function decodeRoster(key: string, value: Uint8Array | null): RosterEntry[] {
  if (value === null) return [];
  try {
    const parsed = parseJson(Buffer.from(value).toString());
    requireFormat(parsed);
    const cell = record(parsed, 'the roster', ['format', 'nonce', 'sessions']);
    if (cell.format !== FORMAT_VERSION) throw new FormatError('it has no format');
    return list(cell.sessions, 'sessions').map(decodeEntry);
  } catch (error) {
    if (error instanceof UnknownFormat) {
      throw new HoldfastError(
        'FORMAT_UNSUPPORTED',
        `The list of sessions in the cell ${key} has a format that this version of Holdfast does ` +
          'not know. Use the version that wrote it, or a newer one.',
      );
    }
    if (!(error instanceof FormatError)) throw error;
    throw new HoldfastError(
      'ROSTER_DAMAGED',
      `In the store, the cell ${key}, which lists sessions of the fleet, is damaged: ` +
        `${error.message}. Bring it back from a backup. Or delete it and add its sessions again; ` +
        'what is saved of them is not in it (`holdfast ls` lists them).',
    );
  }
}

function decodeEntry(value: unknown): RosterEntry {
  const [id, addedAt, isWanted] = list(value, 'a session');
  return {
    id: text(id, 'an id'),
    addedAt: text(addedAt, 'addedAt'),
    isWanted: flag(isWanted, 'wanted'),
  };
}
