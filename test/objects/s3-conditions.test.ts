import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import type { S3Objects } from '../../src/objects/s3-objects.js';
import { useService } from '../services/services.js';
import { rejection } from '../snapshot/support/sessions.js';
import { type S3LikeWays, startS3Like } from './support/s3-like-server.js';
import { S3Proxy } from './support/s3-proxy.js';
import { keysIn, newBucket, s3Client, s3Objects } from './support/s3-service.js';

const bytes = (text: string) => new TextEncoder().encode(text);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function like(ways: S3LikeWays, withoutLeases = false) {
  const server = await startS3Like(ways);
  ends.push(server.stop);
  const { endpoint } = server;
  const client = s3Client(
    { endpoint, region: 'auto', accessKeyId: 'key', secretAccessKey: 'secret' },
    { maxAttempts: 1 },
  );
  return { ...server, store: s3Objects({ bucketName: 'bucket', client, withoutLeases }) };
}

/** Before the real service, with a client that repeats nothing by itself if it is not told to. */
async function behindProxy(settings: S3ClientConfig = { maxAttempts: 1 }) {
  const service = await useService('s3');
  const bucketName = await newBucket(s3Client(service));
  const proxy = await S3Proxy.start(service.endpoint);
  ends.push(() => proxy.stop());
  const client = s3Client({ ...service, endpoint: proxy.endpoint }, settings);
  return { store: s3Objects({ bucketName, client }), proxy };
}

async function swapTwice(store: S3Objects): Promise<void> {
  const first = await store.swapCell('cell', bytes('first'), null);
  const second = await store.swapCell('cell', bytes('second'), first);
  await rejection(store.swapCell('cell', bytes('third'), first), 'CELL_CONFLICT');
  await rejection(store.swapCell('cell', bytes('third'), null), 'CELL_CONFLICT');
  expect(await store.readCell('cell')).toEqual({ value: bytes('second'), version: second });
}

describe('the probe', () => {
  it.each<[string, S3LikeWays, RegExp]>([
    ['If-None-Match', { ignores: ['if-none-match'] }, /it ignores If-None-Match/],
    ['If-Match', { ignores: ['if-match'] }, /it ignores If-Match/],
    ['both', { ignores: ['if-match', 'if-none-match'] }, /it ignores If-None-Match/],
  ])('finds a service that ignores %s', async (_, ways, message) => {
    const { store, objects } = await like(ways);
    const error = await rejection(store.swapCell('cell', bytes('x'), null));
    expect(error).toMatchObject({ code: 'NO_CONDITIONAL_WRITES', transient: false });
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/withoutLeases: true/);
    expect([...objects.keys()]).toEqual([]);
  });

  it('finds a service that has not implemented conditions', async () => {
    const { store } = await like({ refusesAll: true });
    const error = await rejection(store.swapCell('cell', bytes('x'), null));
    expect(error).toMatchObject({ code: 'NO_CONDITIONAL_WRITES', transient: false });
  });

  it('finds a service that refuses every ETag', async () => {
    const { store } = await like({ refusesIfMatch: true });
    const error = await rejection(store.swapCell('cell', bytes('x'), null));
    expect(error).toMatchObject({ code: 'NO_CONDITIONAL_WRITES', transient: false });
    expect(error.message).toMatch(/it refuses every If-Match/);
  });

  it.each<[string, S3LikeWays['quotes']]>([
    ['with quotes, as Cloudflare R2 wants them', { needed: true, otherwise: 400 }],
    ['without quotes, as Ceph wants them', { needed: false, otherwise: 412 }],
    ['with or without, as AWS takes them', undefined],
  ])('finds out the form of ETags: %s', async (_, quotes) => {
    const { store, objects } = await like(quotes ? { quotes } : {});
    await swapTwice(store);
    expect([...objects.keys()]).toEqual(['/bucket/bot/cell']);
  });

  it('is made once, and leaves nothing', async () => {
    const service = await useService('s3');
    const client = s3Client(service);
    const bucketName = await newBucket(client);
    const proxy = await S3Proxy.start(service.endpoint);
    const proxied = s3Client({ ...service, endpoint: proxy.endpoint });
    ends.push(() => proxy.stop());
    const store = s3Objects({ bucketName, client: proxied });
    await Promise.all(['a', 'b', 'c'].map((cell) => store.swapCell(cell, bytes('x'), null)));
    const probed = proxy.requests.filter(({ url }) => url.includes('probe'));
    expect(new Set(probed.map(({ url }) => url.replace(/\?.*/, ''))).size).toBe(1);
    expect(probed.map(({ method }) => method).join(' ')).toMatch(
      /^PUT PUT GET PUT GET PUT DELETE$/,
    );
    await store.swapCell('d', bytes('x'), null);
    expect(proxy.requests.filter(({ url }) => url.includes('probe'))).toHaveLength(probed.length);
    expect(await keysIn(client, bucketName)).toEqual(['bot/a', 'bot/b', 'bot/c', 'bot/d']);
  });

  it.each([0, 1, 2, 3, 4, 5])('outlasts that its request %i fails', async (failing) => {
    const { store, proxy } = await behindProxy();
    let seen = 0;
    proxy.fault = () => (seen++ === failing ? 'refuse' : null);
    await swapTwice(store);
  });

  it('is made again after one that could not be ended', async () => {
    const { store, proxy } = await behindProxy();
    proxy.fault = () => 'refuse';
    const error = await rejection(store.swapCell('cell', bytes('x'), null));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    proxy.fault = () => null;
    await swapTwice(store);
  });

  it('is made again when the rights were not there', async () => {
    const { store, proxy } = await behindProxy();
    proxy.fault = () => ({ status: 403, code: 'AccessDenied' });
    await rejection(store.swapCell('cell', bytes('x'), null), 'STORE_UNUSABLE');
    proxy.fault = () => null;
    await swapTwice(store);
  });

  it('is not deceived by the repetitions of the SDK', async () => {
    const { store, proxy } = await behindProxy({});
    let puts = 0;
    proxy.fault = ({ method }) => (method === 'PUT' && puts++ % 2 === 0 ? 'lose' : null);
    await swapTwice(store);
  });
});

describe('without leases', () => {
  it('a swap compares what it reads and then overwrites', async () => {
    const { store } = await like({ ignores: ['if-match', 'if-none-match'] }, true);
    await swapTwice(store);
  });
});
