import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../src/index.js';
import type { RequestLimits } from '../../../src/objects/requests/request-limits.js';
import { FaultyConnection } from '../../services/faulty-proxy.js';
import { openWriter, readSession } from '../../snapshot/support/sessions.js';
import { smallProfile } from '../../snapshot/support/test-profile.js';

export interface FaultyWay {
  /** The server's own URL. */
  url(): Promise<string>;
  /** A store on a place that is the same each time, through this URL. */
  open(url: string, requests: RequestLimits): Promise<OpenedStore>;
  /** Whether these bytes, on the way to the server, are of a swap. */
  isSwap(data: Buffer): boolean;
}

export interface OpenedStore {
  store: ObjectStore;
  end(): Promise<unknown>;
}

const QUICK = { timeoutMs: 1000, attempts: 1 };
/** Also for what has to succeed at once on a busy machine. */
const UNHURRIED = { timeoutMs: 3000, attempts: 1 };
const PATIENT = { timeoutMs: 2000, attempts: 4 };

/** What a store over a connection does when the connection fails. */
export function describeConnectionFaults(name: string, way: FaultyWay): void {
  describe(`${name}, through a connection that fails`, () => {
    let proxy: FaultyConnection;
    let opened: OpenedStore[];
    beforeAll(async () => {
      proxy = await FaultyConnection.to(await way.url());
    });
    afterAll(() => proxy?.close());
    beforeEach(() => {
      opened = [];
    });
    afterEach(async () => {
      await proxy.pass();
      for (const { store, end } of opened) {
        const left: string[] = [];
        for await (const { key } of store.list('')) left.push(key);
        await store.delete(left);
        await store.close?.();
        await end();
      }
    });

    const open = async (requests: RequestLimits) => {
      const one = await way.open(proxy.url, requests);
      opened.push(one);
      // The first request connects, which may take a busy machine longer than it has here.
      await expect
        .poll(() => one.store.put('first', Buffer.from('x')).then(() => 'put', String))
        .toBe('put');
      return one.store;
    };
    const unreachable = { code: 'STORE_UNREACHABLE', transient: true };

    it('says that it cannot be asked while it is refused, and goes on afterwards', async () => {
      const store = await open(QUICK);
      proxy.refuse();
      proxy.resetAll();
      await expect(store.get('first')).rejects.toMatchObject(unreachable);
      await expect(store.readCell('nothing')).rejects.toMatchObject(unreachable);
      await proxy.pass();
      await expect.poll(() => store.get('first').catch(() => null)).toEqual(Buffer.from('x'));
    });

    it('tries again, and nobody notices, when connections are lost', async () => {
      const store = await open(PATIENT);
      proxy.resetAll();
      expect(await store.get('first')).toEqual(Buffer.from('x'));
      const reading = Promise.all([store.get('first'), store.get('nothing')]);
      proxy.resetAll();
      expect(await reading).toEqual([Buffer.from('x'), null]);
    });

    it.each(['up', 'down'] as const)(
      'brings an object whole when it is cut on its way %s',
      async (direction) => {
        const store = await open(PATIENT);
        const bytes = randomBytes(3_000_000);
        if (direction === 'down') await store.put('object', bytes);
        const cut = proxy.resetAfter(1_000_000, direction);
        if (direction === 'up') await store.put('object', bytes);
        expect(Buffer.compare((await store.get('object')) ?? Buffer.alloc(0), bytes)).toBe(0);
        await cut;
      },
    );

    it('gives up what is not answered, and does not use that connection again', async () => {
      const store = await open(QUICK);
      proxy.stall();
      const started = performance.now();
      await expect(store.readCell('cell')).rejects.toMatchObject(unreachable);
      expect(performance.now() - started).toBeLessThan(9000);
      await proxy.pass();
      await store.swapCell('cell', Buffer.from('value'), null);
      expect((await store.readCell('cell'))?.value).toEqual(Buffer.from('value'));
    });

    it('knows its own swap again when the answer was lost', async () => {
      const store = await open(PATIENT);
      const version = await store.swapCell('cell', Buffer.from('before'), null);
      const dropped = proxy.dropNextAnswer(way.isSwap);
      const next = await store.swapCell('cell', Buffer.from('mine'), version);
      await dropped;
      expect(await store.readCell('cell')).toEqual({ version: next, value: Buffer.from('mine') });
      const made = proxy.dropNextAnswer(way.isSwap);
      const other = await store.swapCell('other', Buffer.from('mine'), null);
      await made;
      expect((await store.readCell('other'))?.version).toBe(other);
    });

    it('never takes a lost answer for a conflict, or for a swap that has happened', async () => {
      const version = await (await open(PATIENT)).swapCell('cell', Buffer.from('before'), null);
      const store = await open(QUICK);
      const dropped = proxy.dropNextAnswer(way.isSwap);
      const swap = store.swapCell('cell', Buffer.from('mine'), version);
      await expect(swap).rejects.toMatchObject(unreachable);
      await dropped;
      await expect
        .poll(async () => (await store.readCell('cell').catch(() => null))?.value)
        .toEqual(Buffer.from('mine'));
    });

    it('commits a save whose connection is lost between the pack and the head', async () => {
      const store = await open(PATIENT);
      const profile = smallProfile();
      const writer = await openWriter(store);
      await writer.save(profile.capture());
      profile.append();
      const cut = proxy.resetAfter(0, 'up', way.isSwap);
      await writer.save(profile.capture());
      await cut;
      expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    });

    it('leaves the save before when the head cannot be reached, and saves later', async () => {
      const store = await open(UNHURRIED);
      const profile = smallProfile();
      const writer = await openWriter(store);
      await writer.save(profile.capture());
      const before = profile.digests();
      profile.append();
      const cut = proxy.resetAfter(0, 'up', (data) => {
        if (!way.isSwap(data)) return false;
        proxy.refuse();
        return true;
      });
      await expect(writer.save(profile.capture())).rejects.toMatchObject(unreachable);
      await cut;
      await proxy.pass();
      await expect
        .poll(async () => (await readSession(store).catch(() => []))[0]?.digests)
        .toEqual(before);
      await writer.save(profile.capture());
      expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    });
  });
}
