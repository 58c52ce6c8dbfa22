import type { ProcessPlace } from '../../system/process-place.js';
import type { ProcessIdentity } from '../../system/processes.js';
import {
  count,
  FormatError,
  list,
  parseJson,
  record,
  requireFormat,
  text,
  textOrNull,
} from '../decode.js';
import { FORMAT_VERSION } from '../format.js';

/**
 * What the cell `workers/<id>` holds: a process that holds sessions, and that it lives. A worker
 * makes its cell once, under an id that is never used again, before it takes a session. So a cell
 * that is not here, or that says `dead`, is a worker that is gone for good: it cannot come back.
 */
export interface WorkerCell {
  worker: string;
  /** Another one in every renewal; as long as it stays the same, nothing has been heard. */
  beat: string;
  /** After so long a silence, in milliseconds, anybody may declare the worker dead. */
  termMs: number;
  host: string;
  process: ProcessIdentity;
  /** Null: nobody can tell from elsewhere whether the process is there. */
  place: ProcessPlace | null;
  /** They may outlive their worker for seconds. */
  browsers: readonly ProcessIdentity[];
  /** Sessions that others ask it to release. */
  wanted: readonly string[];
  isDead: boolean;
  /** What a worker tells others of its kind, in words that the lease does not know. */
  about: string | null;
}

const WORKERS = 'workers/';
export const WORKERS_PREFIX = WORKERS;

export function workerKey(worker: string): string {
  return WORKERS + worker;
}

export function encodeWorkerCell(cell: WorkerCell): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      format: FORMAT_VERSION,
      worker: cell.worker,
      beat: cell.beat,
      termMs: cell.termMs,
      host: cell.host,
      process: [cell.process.pid, cell.process.startTime],
      place: cell.place && [cell.place.boot, cell.place.pidNamespace],
      browsers: cell.browsers.map(({ pid, startTime }) => [pid, startTime]),
      wanted: cell.wanted,
      dead: cell.isDead,
      // Versions before it refuse what they do not know.
      ...(cell.about !== null && { about: cell.about }),
    }),
  );
}

/** Throws FormatError and UnknownFormat. */
export function decodeWorkerCell(value: Uint8Array): WorkerCell {
  const parsed = parseJson(Buffer.from(value).toString());
  requireFormat(parsed);
  const cell = record(parsed, 'the worker', [
    'format',
    'worker',
    'beat',
    'termMs',
    'host',
    'process',
    'place',
    'browsers',
    'wanted',
    'dead',
    'about',
  ]);
  count(cell.format, 'format');
  if (typeof cell.dead !== 'boolean') throw new FormatError('dead is neither true nor false');
  return {
    worker: text(cell.worker, 'worker'),
    beat: text(cell.beat, 'beat'),
    termMs: count(cell.termMs, 'termMs', 1),
    host: text(cell.host, 'host'),
    process: decodeIdentity(cell.process),
    place: cell.place === null ? null : decodePlace(cell.place),
    browsers: list(cell.browsers, 'browsers').map(decodeIdentity),
    wanted: list(cell.wanted, 'wanted').map((session) => text(session, 'a session')),
    isDead: cell.dead,
    about: textOrNull(cell.about ?? null, 'about'),
  };
}

function decodeIdentity(value: unknown): ProcessIdentity {
  const [pid, startTime] = list(value, 'a process');
  return { pid: count(pid, 'pid', 1), startTime: text(startTime, 'startTime') };
}

function decodePlace(value: unknown): ProcessPlace {
  const [boot, pidNamespace] = list(value, 'place');
  return { boot: text(boot, 'boot'), pidNamespace: text(pidNamespace, 'pidNamespace') };
}
