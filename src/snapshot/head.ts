import { randomBytes } from 'node:crypto';
import {
  count,
  FormatError,
  flag,
  list,
  parseJson,
  record,
  requireFormat,
  text,
  textOrNull,
} from './decode.js';
import { FORMAT_VERSION, MAX_MANIFEST_BYTES, parsePackName } from './format.js';
import type { BlobRef } from './manifest.js';

/** What the cell `heads/<session>` holds: which snapshots there are, and whose the session is. */
export interface Head {
  session: string;
  /**
   * Who last took the session to write to it: a fencing token. A writer that finds another
   * generation than its own has lost the session.
   */
  generation: number;
  /** Of the newest save; never goes back. */
  sequence: number;
  state: SessionState;
  /** Whether the session's data is encrypted. */
  isSealed: boolean;
  /** Random in every head ever written, so that no two are equal and a writer knows its own. */
  nonce: string;
  /** The worker that holds the session; null when nobody does. */
  owner: string | null;
  /** Oldest first; the last one is the current. */
  snapshots: readonly SnapshotInfo[];
}

/**
 * - `linked`: there may be a login in it.
 * - `unlinked`: the phone has ended the login; kept until a new link has been saved.
 * - `logged-out`: a tombstone. Nothing is left, and nothing older brings it back.
 */
export type SessionState = 'linked' | 'unlinked' | 'logged-out';

/** A snapshot as the head lists it. */
export interface SnapshotInfo {
  generation: number;
  sequence: number;
  /** ISO 8601, UTC. */
  savedAt: string;
  /** The bytes of the files in it. */
  size: number;
  browserVersion: string | null;
  manifest: BlobRef;
}

export function newNonce(): string {
  return randomBytes(12).toString('base64url');
}

/** The head's text, and on a second line what proves it (`tagOf`). */
export function encodeHead(head: Head, tagOf: (text: string) => string): Uint8Array {
  const json = JSON.stringify({
    format: FORMAT_VERSION,
    session: head.session,
    generation: head.generation,
    sequence: head.sequence,
    state: head.state,
    sealed: head.isSealed,
    nonce: head.nonce,
    owner: head.owner,
    snapshots: head.snapshots.map(({ manifest, ...info }) => [
      info.generation,
      info.sequence,
      info.savedAt,
      info.size,
      info.browserVersion,
      manifest.pack,
      manifest.offset,
      manifest.stored,
      manifest.length,
      manifest.id,
    ]),
  });
  return Buffer.from(`${json}\n${tagOf(json)}`);
}

export interface DecodedHead {
  head: Head;
  /** What the tag is over. */
  text: string;
  tag: string;
}

/** Decodes without looking at the tag. Throws FormatError and UnknownFormat. */
export function decodeHead(value: Uint8Array): DecodedHead {
  const lines = Buffer.from(value).toString().split('\n');
  const [json, tag] = lines;
  if (json === undefined || tag === undefined || lines.length !== 2) {
    throw new FormatError('it has not two lines');
  }
  const parsed = parseJson(json);
  requireFormat(parsed);
  const decoded = record(parsed, 'the head', [
    'format',
    'session',
    'generation',
    'sequence',
    'state',
    'sealed',
    'nonce',
    'owner',
    'snapshots',
  ]);
  count(decoded.format, 'format');
  const head: Head = {
    session: text(decoded.session, 'session'),
    generation: count(decoded.generation, 'generation', 1),
    sequence: count(decoded.sequence, 'sequence'),
    state: decodeState(decoded.state),
    isSealed: flag(decoded.sealed, 'sealed'),
    nonce: text(decoded.nonce, 'nonce'),
    owner: textOrNull(decoded.owner, 'owner'),
    snapshots: list(decoded.snapshots, 'snapshots').map(decodeSnapshot),
  };
  return { head, text: json, tag };
}

function decodeState(value: unknown): SessionState {
  if (value === 'linked' || value === 'unlinked' || value === 'logged-out') return value;
  throw new FormatError('its state is not known');
}

function manifestLength(value: unknown): number {
  const length = count(value, 'length', 1);
  if (length > MAX_MANIFEST_BYTES) throw new FormatError('a manifest is too long');
  return length;
}

function decodeSnapshot(value: unknown): SnapshotInfo {
  const [generation, sequence, savedAt, size, browserVersion, pack, offset, stored, length, id] =
    list(value, 'a snapshot');
  if (parsePackName(text(pack, 'a pack')) === undefined) throw new FormatError('no pack’s name');
  return {
    generation: count(generation, 'generation', 1),
    sequence: count(sequence, 'sequence', 1),
    savedAt: text(savedAt, 'savedAt'),
    size: count(size, 'size'),
    browserVersion: textOrNull(browserVersion, 'browser'),
    manifest: {
      pack: pack as string,
      offset: count(offset, 'offset'),
      stored: count(stored, 'stored', 1),
      length: manifestLength(length),
      id: text(id, 'id'),
    },
  };
}
