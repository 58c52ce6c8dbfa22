import { expect, it, onTestFinished } from 'vitest';
import { EngineSession } from '../../../src/auth/remote/engine-session.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { openSession, readHead } from '../../../src/snapshot/open-session.js';
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
