import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/objects/object-store.js';
import type { S3Objects } from '../../src/objects/s3-objects.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { type S3Service, useService } from '../services/services.js';
import { S3Proxy } from './support/s3-proxy.js';
import { keysIn, newBucket, s3Client, s3Objects } from './support/s3-service.js';

let service: S3Service;
let client: S3Client;
beforeAll(async () => {
  service = await useService('s3');
  client = s3Client(service);
});
afterAll(() => client?.destroy());

describe('S3Objects keeps the contract with the SDK as it is', () => {
  const places = new Map<ObjectStore, { bucketName: string; proxy: S3Proxy; client: S3Client }>();

  const open = async (bucketName: string): Promise<S3Objects> => {
    const proxy = await S3Proxy.start(service.endpoint);
    const through = s3Client({ ...service, endpoint: proxy.endpoint });
    const store = s3Objects({ bucketName, client: through });
    places.set(store, { bucketName, proxy, client: through });
    return store;
  };
  const placeOf = (store: ObjectStore) => {
    const place = places.get(store);
    if (place === undefined) throw new Error('not opened here');
    return place;
  };
  const tests = objectStoreContract({
    create: async () => open(await newBucket(client)),
    reopen: (store) => open(placeOf(store).bucketName),
    breakStore: (store) => placeOf(store).proxy.stop(),
    dispose: async (store) => {
      const { proxy, client } = placeOf(store);
      client.destroy();
      await proxy.stop().catch(() => undefined);
    },
  });
  // The longest writes thousands of objects, on a machine that may be busy.
  for (const { name, run } of tests) it(name, run, 300_000);
});

describe('S3Objects', () => {
  it.each([
    ['no folder', ''],
    ['a folder', 'bot'],
    ['folders', '/a//b/'],
    ['any characters', `a b+c&d=ü%20'(<>"?#*~;:@,[]{}|^\`$!`],
    ['the backslashes of Windows', 'a\\b'],
  ])('keeps everything below its path: %s', async (_, remoteDataPath) => {
    const bucketName = await newBucket(client);
    const store = s3Objects({ bucketName, client, remoteDataPath });
    await store.put('packs/a', Uint8Array.of(1));
    const version = await store.swapCell('head', Uint8Array.of(2), null);
    expect(await store.readCell('head')).toEqual({ value: Uint8Array.of(2), version });
    const listed: string[] = [];
    for await (const { key } of store.list('')) listed.push(key);
    expect(listed).toEqual(['head', 'packs/a']);
    const path = remoteDataPath
      .replaceAll('\\', '/')
      .replace('//', '/')
      .replace(/^\/|\/$/g, '');
    const below = path === '' ? '' : `${path}/`;
    expect(await keysIn(client, bucketName)).toEqual([`${below}head`, `${below}packs/a`]);
  });

  it('lists nothing that is not its own', async () => {
    const bucketName = await newBucket(client);
    const store = s3Objects({ bucketName, client });
    const everything = s3Objects({ bucketName, client, remoteDataPath: '' });
    await s3Objects({ bucketName, client, remoteDataPath: 'bot2' }).put('a', Uint8Array.of(1));
    await s3Objects({ bucketName, client, remoteDataPath: 'bot/C:' }).put('b', Uint8Array.of(1));
    const listed = [];
    for await (const { key } of store.list('')) listed.push(key);
    expect(listed).toEqual([]);
    for await (const { key } of everything.list('')) listed.push(key);
    expect(listed).toEqual(['bot2/a']);
  });

  it.each(['..', '../a', 'a/../../b', 'x'.repeat(512), 'ü'.repeat(256)])(
    'refuses the path %s',
    (remoteDataPath) => {
      const make = () => s3Objects({ bucketName: 'bucket', client, remoteDataPath });
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );
});
