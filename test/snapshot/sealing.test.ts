import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import type { EncryptionKey, KeyWrapper } from '../../src/snapshot/encryption-key.js';
import { keyKey } from '../../src/snapshot/format.js';
import { rotateKey } from '../../src/snapshot/key-cell.js';
import { openSession } from '../../src/snapshot/open-session.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { createSealer } from '../../src/snapshot/sealer.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { KEY, openWriter, readSession, rejection, session } from './support/sessions.js';
import { CACHE, smallProfile } from './support/test-profile.js';
import { contentsOf, WrappedStore } from './support/wrapped-store.js';

const raw = randomBytes(32);

/** As a key management service: wraps by turning bits over, and can be away. */
function wrapper(turn = 0x55): KeyWrapper & { fails: boolean } {
  const change = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte) => byte ^ turn);
  const service = {
    fails: false,
    wrap: async (dataKey: Uint8Array) => service.answer(dataKey),
    unwrap: async (wrapped: Uint8Array) => service.answer(wrapped),
    answer: (bytes: Uint8Array) => {
      if (service.fails) throw new Error('the service is away');
      const changed = change(bytes);
      // What was given is ours to overwrite, as careful programs do.
      bytes.fill(0);
      return changed;
    },
  };
  return service;
}

const KEYS: [string, EncryptionKey, EncryptionKey][] = [
  ['32 bytes', raw, randomBytes(32)],
  ['base64', raw.toString('base64'), randomBytes(32).toString('base64')],
  ['base64url', raw.toString('base64url'), randomBytes(32).toString('base64url')],
  ['hex', raw.toString('hex'), randomBytes(32).toString('hex').toUpperCase()],
  ['a passphrase', 'correct horse battery', 'correct horse batterx'],
  ['{ passphrase }', { passphrase: 'ünïcödé passphrase' }, { passphrase: 'unicode passphrase' }],
  ['{ wrap, unwrap }', wrapper(), wrapper(0x56)],
];

async function savedWith(encryptionKey: EncryptionKey | undefined) {
  const store = new WrappedStore();
  const profile = smallProfile();
  await (await openWriter(store, { encryptionKey })).save(profile.capture());
  return { store, profile };
}

describe.each(KEYS)('a key given as %s', (_how, right, wrong) => {
  it('opens what it has sealed; another one of its kind does not', async () => {
    const { store, profile } = await savedWith(right);
    const [newest] = await readSession(store, right);
    expect(newest?.digests).toEqual(profile.digests());
    const before = await contentsOf(store);
    await rejection(readSession(store, wrong), 'KEY_WRONG');
    await rejection(openWriter(store, { encryptionKey: wrong }), 'KEY_WRONG');
    expect(await contentsOf(store)).toEqual(before);
  });
});

it('the same key in another form is the same key', async () => {
  const { store } = await savedWith(raw);
  for (const form of ['hex', 'base64', 'base64url'] as const) {
    expect(await readSession(store, raw.toString(form))).toHaveLength(1);
  }
  const spelled = await savedWith('caf\u00e9 au lait');
  expect(await readSession(spelled.store, 'cafe\u0301 au lait')).toHaveLength(1);
});

it('a key of another kind, none, or one where none belongs is refused', async () => {
  const sealed = await savedWith(raw);
  await rejection(readSession(sealed.store, 'a passphrase'), 'KEY_WRONG');
  await rejection(readSession(sealed.store, wrapper()), 'KEY_WRONG');
  await rejection(readSession(sealed.store, null), 'KEY_MISSING');
  await rejection(openWriter(sealed.store, { encryptionKey: undefined }), 'KEY_MISSING');
  const open = await savedWith(undefined);
  await rejection(readSession(open.store, raw), 'SESSION_NOT_SEALED');
  await rejection(openWriter(open.store, { encryptionKey: raw }), 'SESSION_NOT_SEALED');
  expect(await readSession(open.store, null)).toHaveLength(1);
});

it.each([
  ['too short', 'short'],
  ['31 bytes', randomBytes(31)],
  ['an object of something else', { key: 'secret-secret' } as unknown as EncryptionKey],
  ['an empty passphrase', { passphrase: '' }],
  ['null', null as unknown as EncryptionKey],
])('%s is no key, and nothing is written', async (_how, encryptionKey) => {
  const store = new WrappedStore();
  const error = await rejection(openWriter(store, { encryptionKey }), 'INVALID_KEY');
  expect(error.message).not.toContain('secret-secret');
  expect(await contentsOf(store)).toEqual(new Map());
});

describe('the cell of the data key', () => {
  it('lost, emptied, damaged or another session’s is told apart', async () => {
    const { store } = await savedWith(raw);
    await (await openWriter(store, { session: 'RemoteAuth-b', encryptionKey: raw })).save(
      smallProfile().capture(),
    );
    const cell = await store.readCell(keyKey(session));
    const other = await store.readCell(keyKey('RemoteAuth-b'));
    if (!cell || !other) throw new Error('no keys');
    const put = async (value: Uint8Array) => {
      await store.delete([keyKey(session)]);
      await store.swapCell(keyKey(session), value, null);
    };
    await store.delete([keyKey(session)]);
    await rejection(readSession(store, raw), 'KEY_LOST');
    await put(new Uint8Array(0));
    await rejection(readSession(store, raw), 'KEY_LOST');
    await put(other.value);
    await rejection(readSession(store, raw), 'KEY_DAMAGED');
    const damaged = Buffer.from(cell.value);
    const inside = damaged.indexOf('"wrapped"') + 15;
    damaged[inside] = (damaged[inside] ?? 0) ^ 1;
    await put(damaged);
    await rejection(readSession(store, raw), 'KEY_DAMAGED');
    await put(cell.value);
    expect(await readSession(store, raw)).toHaveLength(1);
  });

  it('is all that a rotation writes; the old key does not open any more', async () => {
    const { store, profile } = await savedWith(raw);
    const writer = await openWriter(store, { encryptionKey: raw });
    const before = await contentsOf(store);
    store.take();
    await rotateKey(store, session, raw, 'a new passphrase');
    expect(store.take().filter(({ kind }) => kind === 'put' || kind === 'swapCell')).toMatchObject([
      { kind: 'swapCell', key: keyKey(session) },
    ]);
    const after = await contentsOf(store);
    for (const [key, bytes] of before) {
      if (key === keyKey(session)) expect(after.get(key)).not.toEqual(bytes);
      else expect(after.get(key)).toEqual(bytes);
    }
    await rejection(readSession(store, raw), 'KEY_WRONG');
    // Whoever has it open goes on.
    profile.append();
    await writer.save(profile.capture());
    const [newest] = await readSession(store, 'a new passphrase');
    expect(newest?.digests).toEqual(profile.digests());
  });

  it('is rotated once when the answer of the swap is lost', async () => {
    const { store } = await savedWith(raw);
    store.fault = ({ kind }) => (kind === 'swapCell' ? 'lost' : null);
    await rotateKey(store, session, raw, KEY);
    store.heal();
    expect(await readSession(store, KEY)).toHaveLength(1);
    store.fault = ({ kind }) => (kind === 'swapCell' ? 'fail' : null);
    await rejection(rotateKey(store, session, KEY, raw), 'STORE_UNREACHABLE');
    store.heal();
    expect(await readSession(store, KEY)).toHaveLength(1);
    await rejection(rotateKey(store, session, raw, KEY), 'KEY_WRONG');
    await rejection(rotateKey(store, 'RemoteAuth-none', raw, KEY), 'KEY_LOST');
  });
});

it('a key function that fails is KEY_UNAVAILABLE, and worth another try', async () => {
  const service = wrapper();
  service.fails = true;
  const store = new WrappedStore();
  const first = await rejection(openWriter(store, { encryptionKey: service }), 'KEY_UNAVAILABLE');
  expect(first.transient).toBe(true);
  expect(await contentsOf(store)).toEqual(new Map());
  service.fails = false;
  await (await openWriter(store, { encryptionKey: service })).save(smallProfile().capture());
  service.fails = true;
  const again = await rejection(readSession(store, service), 'KEY_UNAVAILABLE');
  expect(again).toMatchObject({ transient: true, message: expect.stringContaining('is away') });
  service.fails = false;
  expect(await readSession(store, service)).toHaveLength(1);
});

it('what was sealed for one place opens at no other', () => {
  const sealer = createSealer(raw, session);
  const place = { session, pack: '1-1-0', offset: 16, kind: 'chunk' } as const;
  const stored = Buffer.concat(sealer.seal([Buffer.from('content')], place));
  expect(Buffer.from(sealer.open(stored, place) ?? []).toString()).toBe('content');
  for (const other of [
    { session: 'RemoteAuth-b' },
    { pack: '1-1-1' },
    { offset: 17 },
    { kind: 'manifest' as const },
  ]) {
    expect(sealer.open(stored, { ...place, ...other })).toBeUndefined();
  }
  // Neither the same data key in another session.
  expect(createSealer(raw, 'RemoteAuth-b').open(stored, place)).toBeUndefined();
});

it('shows nothing secret: not in the store, nor in any error', async () => {
  const secretKey = raw.toString('base64url');
  const wrongKey = randomBytes(32).toString('base64url');
  const secrets = [
    secretKey,
    wrongKey,
    'secret-value',
    'secret-key',
    'secret-cookie',
    'secret-content',
  ];
  const profile = smallProfile();
  profile.set(`${CACHE}/abc/2_0`, 'secret-content '.repeat(9));
  profile.setLocalStorage({ 'secret-key': 'secret-value' }, [
    { name: 'x', value: 'secret-cookie' },
  ]);
  const store = new WrappedStore(new MemoryObjects());
  const writer = await openWriter(store, { encryptionKey: secretKey });
  await writer.save(profile.capture());
  profile.append();
  await writer.save(profile.capture());
  const told: string[] = [];
  const contents = await contentsOf(store);
  for (const [key, bytes] of contents) told.push(key, Buffer.from(bytes).toString('latin1'));
  // Paths of the profile say what is in it.
  for (const secret of [...secrets, 'IndexedDB', 'whatsapp']) {
    expect(told.join('\n')).not.toContain(secret);
  }

  const targetDir = `${await temporaryFolder()}/profile`;
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  for (const key of contents.keys()) {
    for (const how of ['damage', 'delete']) {
      const bytes = Buffer.from(contents.get(key) ?? []);
      await store.delete([key]);
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 255;
      if (how === 'damage' && key.startsWith('packs/')) await store.put(key, bytes);
      else if (how === 'damage') await store.swapCell(key, bytes, null);
      const location = { store, session, encryptionKey: secretKey };
      await restoreSession({ ...location, targetDir }).then(({ skipped }) => {
        for (const { error } of skipped) note(error);
      }, note);
      await restoreSession({ ...location, targetDir, encryptionKey: wrongKey }).catch(note);
      await store.delete([key]);
      if (key.startsWith('packs/')) await store.put(key, contents.get(key) ?? bytes);
      else await store.swapCell(key, contents.get(key) ?? bytes, null);
    }
  }
  expect(errors.length).toBeGreaterThan(8);
  for (const error of errors) {
    for (let at = error; at instanceof Error; at = at.cause) {
      for (const secret of secrets) expect(`${at.message} ${at.stack}`).not.toContain(secret);
    }
  }
  await openSession({ store, session, encryptionKey: secretKey });
});
