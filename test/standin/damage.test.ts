import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device, StandIn } from '../../src/standin/index.js';
import { startStandIn, withFolder } from './stand-in.js';
import { WebPage } from './web-page.js';

let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});

afterAll(() => standIn.close());

/** Links in a new profile and closes the browser properly, so that all of it is on disk. */
async function linkedProfile(profile: string): Promise<Device> {
  const web = await WebPage.open(standIn, profile);
  const device = await web.link(standIn.phone);
  await device.receive({ body: 'first' });
  await web.close();
  return device;
}

/** Links, lets `damage` loose on the page's storage, loads the page again, and returns its device. */
async function afterDamage(damage: (web: WebPage) => Promise<unknown>): Promise<Device> {
  const web = await WebPage.open(standIn);
  try {
    const device = await web.link(standIn.phone);
    await device.receive({ body: 'one' });
    await device.receive({ body: 'two' });
    await damage(web);
    await web.page.reload();
    await web.waitForQr();
    return device;
  } finally {
    await web.close();
  }
}

/** Changes a record of one of the page's databases; `undefined` deletes it. */
async function changeRecord(
  web: WebPage,
  [database, store, key]: [database: string, store: string, key: string],
  change: string,
): Promise<void> {
  await web.page.evaluate(
    async (databaseName, storeName, keyName, source) => {
      const done = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const opened = await done(indexedDB.open(databaseName));
      const objects = opened.transaction(storeName, 'readwrite').objectStore(storeName);
      const keys = await done(objects.getAllKeys());
      const found = keyName === 'first' ? keys[0] : keyName;
      if (found === undefined) throw new Error('nothing stored');
      if (source === 'delete') await done(objects.delete(found));
      else {
        const record = await done(objects.get(found));
        await done(objects.put({ ...record, ...JSON.parse(source) }, found));
      }
      opened.close();
    },
    database,
    store,
    key,
    change,
  );
}

test('without its localStorage entry the device is not linked any more', async () => {
  const device = await afterDamage((web) =>
    web.page.evaluate(() => localStorage.removeItem('last-wid-md')),
  );
  expect(device.linked).toBe(true);
  expect(device.connections).toBe(0);
  expect(device.corruption).toEqual([]);
});

test('a Noise entry that does not open is reported', async () => {
  const device = await afterDamage((web) =>
    web.page.evaluate(() => {
      const sealed = localStorage.getItem('WANoiseInfo') ?? '';
      localStorage.setItem('WANoiseInfo', (sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1));
    }),
  );
  expect(device.corruption).toEqual(['WANoiseInfo does not open with the sealing key']);
  expect(device.linked).toBe(false);
});

test('a ratchet whose chain was tampered with is reported', async () => {
  const device = await afterDamage((web) =>
    changeRecord(web, ['signal-storage', 'ratchet', 'device'], '{"chain":"AAAA"}'),
  );
  expect(device.corruption).toEqual(['chain differs at update 3']);
});

test('a ratchet ahead of the server is reported', async () => {
  const device = await afterDamage((web) =>
    changeRecord(web, ['signal-storage', 'ratchet', 'device'], '{"index":99}'),
  );
  expect(device.corruption).toEqual(['update 99 claimed, 3 sent']);
});

test('a message missing from the history is reported', async () => {
  const device = await afterDamage((web) =>
    changeRecord(web, ['model-storage', 'message', 'first'], 'delete'),
  );
  expect(device.corruption).toHaveLength(1);
  expect(device.corruption[0]).toMatch(/^history lacks 1 updates, first [23]$/);
});

test('another identity key is reported', async () => {
  const device = await afterDamage((web) =>
    web.page.evaluate(async () => {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
      const opened = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('signal-storage');
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = opened.transaction('identity', 'readwrite');
      const record = { pubKey: new Uint8Array(65), privKey: privateKey };
      transaction.objectStore('identity').put(record, 'device');
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
    }),
  );
  expect(device.corruption).toEqual(['wrong identity key']);
});

test('a profile that lost its databases but not its localStorage is reported', async () => {
  await withFolder(async (profile) => {
    const device = await linkedProfile(profile);
    await rm(path.join(profile, 'Default/IndexedDB'), { recursive: true });
    const web = await WebPage.open(standIn, profile);
    await web.waitForQr();
    await web.close();
    expect(device.corruption).toEqual(['the sealing key is missing']);
  });
});

test('a login the server does not know is given up for a new link', async () => {
  await withFolder(async (profile) => {
    await linkedProfile(profile);
    const other = await startStandIn({ page: { syncDelayMs: 50 } });
    const web = await WebPage.open(other, profile);
    const device = await web.link(other.phone);
    await device.receive({ body: 'to the new link' });
    await web.page.reload();
    await web.booted();
    await device.waitUntilSynced();
    expect(await web.messages('body')).toEqual(['to the new link']);
    expect(device.corruption).toEqual([]);
    await web.close();
    await other.close();
  });
});

test('an old copy of a profile is linked, and its lost updates are counted exactly', async () => {
  await withFolder(async (folder) => {
    const profile = path.join(folder, 'profile');
    const copy = path.join(folder, 'copy');
    const device = await linkedProfile(profile);
    await cp(profile, copy, { recursive: true });
    const ackedInCopy = device.acked;

    const later = await WebPage.open(standIn, profile);
    await device.waitUntilSynced();
    for (let number = 0; number < 7; number++) await device.receive({ body: `lost ${number}` });
    await later.close();
    expect(device.lost).toBe(0);
    const lost = device.acked - ackedInCopy;
    expect(lost).toBe(7 + 1); // the messages, and the connection they came over

    const web = await WebPage.open(standIn, copy);
    await device.waitUntilSynced();
    expect(device.lost).toBe(lost);
    expect(device.corruption).toEqual([]);
    expect(await web.messages('type')).toEqual(['chat', ...Array(7).fill('ciphertext')]);

    await web.askForPlaceholders({ enabled: true });
    await web.waitForMessage('lost 6');
    const bodies = Array.from({ length: 7 }, (_, number) => `lost ${number}`);
    expect(await web.messages('body')).toEqual(['first', ...bodies]);

    await web.page.reload();
    await web.booted();
    await device.waitUntilSynced();
    expect(device.lost).toBe(lost);
    expect(device.corruption).toEqual([]);
    await web.close();
  });
});

test('no private key can be read out of the profile by script', async () => {
  const web = await WebPage.open(standIn);
  await web.link(standIn.phone);
  const keys = await web.page.evaluate(async () => {
    const records: unknown[] = [];
    for (const [name, store] of [
      ['signal-storage', 'identity'],
      ['wawc_db_enc', 'keys'],
    ] as const) {
      const opened = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      const all = opened.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => {
        all.onsuccess = resolve;
      });
      records.push(...all.result);
      opened.close();
    }
    return records
      .flatMap((record) => (record instanceof CryptoKey ? record : Object.values(Object(record))))
      .filter((value) => value instanceof CryptoKey)
      .map((key) => `${key.type} ${key.extractable}`);
  });
  expect(keys.sort()).toEqual(['private false', 'secret false']);
  await web.close();
});
