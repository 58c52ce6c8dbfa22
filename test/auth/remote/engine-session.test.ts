import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EngineSession } from '../../../src/auth/remote/engine-session.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { ProfileCapturer } from '../../../src/profile/capture/profile-capturer.js';
import { openSession, readHead } from '../../../src/snapshot/open-session.js';
import { rollBackSession } from '../../../src/snapshot/roll-back.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { KEY, openWriter, rejection, session } from '../../snapshot/support/sessions.js';
import { TestProfile } from '../../snapshot/support/test-profile.js';

async function holdSession(store: ObjectStore): Promise<EngineSession> {
  const held = new EngineSession({
    store,
    session,
    encryptionKey: KEY,
    retention: undefined,
    onLeaseHeld: 'fail',
    leaseTermMs: 5000,
    rmMaxRetries: 0,
    deleteFormerArchives: false,
    onAdopted: () => undefined,
    onWaiting: () => undefined,
    onWanted: () => undefined,
    onLost: () => undefined,
  });
  await held.hold(new AbortController().signal);
  onTestFinished(() => held.release());
  return held;
}

const stateOf = async (store: ObjectStore) => (await readHead(store, session))?.decoded.head.state;

async function save(store: ObjectStore, seed: number): Promise<number> {
  const writer = await openWriter(store);
  await writer.save(new TestProfile(seed).capture());
  return writer.generation;
}

it('an unlink that could not be told does not end a link that was made since', async () => {
  const store = new MemoryObjects();
  const ended = await save(store, 1);
  const newer = await save(store, 2);
  expect(newer).toBeGreaterThan(ended);
  const held = await holdSession(store);
  await held.markUnlinked(ended);
  expect(await stateOf(store)).toBe('linked');
  await held.markUnlinked(newer);
  expect(await stateOf(store)).toBe('unlinked');
});

it('a logout that could not be finished does not delete a link that was made since', async () => {
  const store = new MemoryObjects();
  const ended = await save(store, 1);
  const newer = await save(store, 2);
  const held = await holdSession(store);
  await held.remove(ended);
  expect((await openSession({ store, session, encryptionKey: KEY })).head.snapshots).not.toEqual(
    [],
  );
  await held.remove(newer);
  await rejection(openSession({ store, session, encryptionKey: KEY }), 'SESSION_LOGGED_OUT');
});

it('a folder that was used before a roll-back does not pass for newer than the store', async () => {
  const store = new MemoryObjects();
  await save(store, 1);
  const folder = path.join(await temporaryFolder(), 'profile');
  const file = path.join(folder, 'Default/File System/000/t/00/00000001');
  const held = await holdSession(store);
  await held.bring(folder);
  for (const content of ['second', 'third']) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await held.save(new ProfileCapturer(folder));
  }
  await held.release();

  const again = await holdSession(store);
  expect(await again.bring(folder)).toMatchObject({ from: 'disk' });
  await again.release();
  await rollBackSession({ store, session, encryptionKey: KEY, snapshot: 2 });
  const rolledBack = await holdSession(store);
  expect(await rolledBack.bring(folder)).toMatchObject({ from: 'store', sequence: 4 });
  expect(await readFile(file, 'utf8')).toBe('second');
});
