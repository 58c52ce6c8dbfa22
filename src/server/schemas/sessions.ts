import { z } from 'zod';
import type { Happening, SessionView, WorkerView } from '../../fleet/session-view.js';
import { named } from './named.js';

const time = z.string().describe('ISO 8601, UTC');
const bytes = z.number().min(0).describe('bytes');
const count = z.int().min(0);

const state = named(
  'SessionState',
  z.enum([
    'waiting',
    'starting',
    'qr',
    'code',
    'syncing',
    'ready',
    'offline',
    'backing-off',
    'stopping',
    'stopped',
  ]),
);

const workerName = { id: z.string(), address: z.string(), host: z.string() };
const save = {
  at: time,
  sequence: count,
  bytesSent: bytes,
  durationMs: z.number().min(0),
  size: bytes.nullable(),
};

export const sessionView = named(
  'Session',
  z.object({
    id: z.string(),
    state,
    since: time,
    addedAt: time,
    account: z.object({ id: z.string(), name: z.string() }).nullable(),
    worker: z.object(workerName).nullable(),
    lastSave: z.object(save).nullable(),
    size: bytes.nullable(),
    alerts: z.array(z.object({ code: z.string(), message: z.string(), since: time })),
    failures: count,
    nextTryAt: time.nullable(),
    qr: z.object({ serial: count, validUntil: time }).nullable(),
    code: z
      .object({ code: z.string(), phone: z.string(), validUntil: time })
      .nullable()
      .describe('Only told to an admin'),
  }) satisfies z.ZodType<SessionView>,
);

export const sessionList = named('SessionList', z.object({ sessions: z.array(sessionView) }));

export const workerView = named(
  'Worker',
  z.object({
    ...workerName,
    pid: count,
    capacity: z.number().min(0),
    sessions: z.array(z.string()),
    startedAt: time,
    version: z.string(),
  }) satisfies z.ZodType<WorkerView>,
);

export const workerList = named('WorkerList', z.object({ workers: z.array(workerView) }));

const happening = named(
  'Happening',
  z.discriminatedUnion('what', [
    z.object({
      at: time,
      what: z.literal('state'),
      state,
      worker: z.string().nullable(),
      detail: z.string().nullable(),
    }),
    z.object({ what: z.literal('saved'), ...save }),
    z.object({
      at: time,
      what: z.literal('save-failed'),
      code: z.string(),
      message: z.string(),
      nextTryMs: z.number().nullable(),
    }),
    z.object({
      at: time,
      what: z.literal('restored'),
      from: z.enum(['store', 'disk']),
      durationMs: z.number().min(0),
    }),
    z.object({ at: time, what: z.literal('lease-lost'), code: z.string(), message: z.string() }),
  ]) satisfies z.ZodType<Happening>,
);

export const history = named('History', z.object({ happenings: z.array(happening) }));

export const newSession = named(
  'NewSession',
  z.strictObject({ id: z.string().min(1).max(200).describe('letters, digits, _ and -') }),
);

export const ofSession = z.object({ id: z.string().max(400) });
export const removal = z.object({ purge: z.enum(['true', 'false']).optional() });

export const snapshotList = named(
  'SnapshotList',
  z.object({
    snapshots: z
      .array(
        z.object({
          generation: count,
          sequence: count,
          savedAt: time,
          size: bytes,
          browserVersion: z.string().nullable(),
        }),
      )
      .describe('newest first'),
    storedBytes: bytes,
  }),
);

export const snapshotCheck = named(
  'SnapshotCheck',
  z.object({
    isWhole: z.boolean(),
    snapshots: z.array(
      z.object({ sequence: count, isWhole: z.boolean(), problem: z.string().nullable() }),
    ),
    durationMs: z.number().min(0),
  }),
);

export const ofSnapshot = z.object({
  id: z.string().max(400),
  sequence: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
});
