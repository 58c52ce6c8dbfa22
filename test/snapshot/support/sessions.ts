import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { isCarried } from '../../../src/profile/file-set.js';
import type { LiveValues } from '../../../src/profile/live-values.js';
import type { BlobReader } from '../../../src/snapshot/blob-reader.js';
import type { EncryptionKey } from '../../../src/snapshot/encryption-key.js';
import type { SnapshotInfo } from '../../../src/snapshot/head.js';
import { openSession } from '../../../src/snapshot/open-session.js';
import { readManifest } from '../../../src/snapshot/read-manifest.js';
import { readLiveValues } from '../../../src/snapshot/restore/restore-session.js';
import { SessionWriter, type SessionWriterOptions } from '../../../src/snapshot/session-writer.js';
import { digestOf, LOCAL_STORAGE, type TestProfile } from './test-profile.js';

export const session = 'RemoteAuth-test';
export const KEY = Buffer.alloc(32, 7);

export function openWriter(
  store: ObjectStore,
  options: Partial<SessionWriterOptions> = {},
): Promise<SessionWriter> {
  return SessionWriter.open({ store, session, encryptionKey: KEY, ...options });
}

/** What a snapshot holds, read without a disk. */
export interface SnapshotContent {
  info: SnapshotInfo;
  digests: Map<string, string>;
  live: LiveValues | null;
  /** Objects that were read. */
  packs: Set<string>;
}

export async function readSnapshot(
  info: SnapshotInfo,
  reader: BlobReader,
): Promise<SnapshotContent> {
  const { ref, base, manifest } = await readManifest(reader, info.manifest);
  const packs = new Set([ref.pack, ...(base ? [base.ref.pack] : [])]);
  const digests = new Map<string, string>();
  for (const [path, { chunks }] of manifest.files) {
    const parts: Uint8Array[] = [];
    for (const chunk of chunks) {
      packs.add(chunk.pack);
      parts.push(await reader.read(chunk));
    }
    digests.set(path, digestOf(Buffer.concat(parts)));
  }
  return { info, digests, live: await readLiveValues(manifest, reader), packs };
}

/** Every snapshot that the head lists, newest first. */
export async function readSession(
  store: ObjectStore,
  key: EncryptionKey | null = KEY,
  name = session,
): Promise<SnapshotContent[]> {
  const encryptionKey = key ?? undefined;
  const { head, reader } = await openSession({ store, session: name, encryptionKey });
  const snapshots: SnapshotContent[] = [];
  for (const info of [...head.snapshots].reverse())
    snapshots.push(await readSnapshot(info, reader));
  return snapshots;
}

/** Digests of the files that are carried, in a folder. */
export async function digestsIn(userDataDir: string): Promise<Map<string, string>> {
  const names = await readdir(userDataDir, { recursive: true });
  const digests = new Map<string, string>();
  for (const name of names.sort()) {
    const file = join(userDataDir, name);
    if (!isCarried(name) || !(await stat(file)).isFile()) continue;
    digests.set(name, digestOf(await readFile(file)));
  }
  return digests;
}

/** Without the database that live values are written into. */
export function withoutLocalStorage(digests: Map<string, string>): Map<string, string> {
  return new Map([...digests].filter(([path]) => !path.startsWith(LOCAL_STORAGE)));
}

/** The restored folder holds exactly this profile; of localStorage only what was on disk. */
export async function expectProfile(userDataDir: string, profile: TestProfile): Promise<void> {
  expect(await digestsIn(userDataDir)).toEqual(profile.digests());
}

/** The error that a promise rejects with, which has to have this code. */
export async function rejection(promise: Promise<unknown>, code?: string): Promise<HoldfastError> {
  const error = await promise.then(
    (value) => {
      throw new Error(`it did not reject but gave ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HoldfastError);
  if (code !== undefined) expect((error as HoldfastError).code).toBe(code);
  return error as HoldfastError;
}
