import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limitRequests } from '../../src/objects/requests/limit-requests.js';
import type { S3Objects } from '../../src/objects/s3-objects.js';
import { type S3Service, useService } from '../services/services.js';
import { rejection } from '../snapshot/support/sessions.js';
import { type S3Fault, S3Proxy, type S3Request } from './support/s3-proxy.js';
import { newBucket, s3Client, s3Objects } from './support/s3-service.js';

const CELL = 'heads/RemoteAuth';
const bytes = (text: string) => new TextEncoder().encode(text);
const isSwap = ({ method, url }: S3Request) => method === 'PUT' && url.includes(CELL);

let service: S3Service;
let client: S3Client;
let bucketName: string;
let proxy: S3Proxy;
let store: S3Objects;
let version: string;

beforeAll(async () => {
  service = await useService('s3');
  client = s3Client(service);
  bucketName = await newBucket(client);
});
afterAll(() => client?.destroy());

beforeEach(async () => {
  proxy = await S3Proxy.start(service.endpoint);
  store = through(1);
  const before = await store.readCell(CELL);
  version = await store.swapCell(CELL, bytes('before'), before?.version ?? null);
});
afterEach(() => proxy.stop());

/** @param maxAttempts of the SDK, which repeats requests by itself */
function through(maxAttempts: number): S3Objects {
  const proxied = s3Client({ ...service, endpoint: proxy.endpoint }, { maxAttempts });
  return s3Objects({ bucketName, client: proxied });
}

async function text(): Promise<string> {
  const cell = await s3Objects({ bucketName, client }).readCell(CELL);
  return new TextDecoder().decode(cell?.value);
}

const answers = (status: number, code: string, arrives = false): S3Fault => ({
  status,
  code,
  arrives,
});

describe('a swap whose answer is unclear', () => {
  it.each<[string, S3Fault]>([
    ['500', answers(500, 'InternalError', true)],
    ['503', answers(503, 'SlowDown', true)],
    ['409', answers(409, 'ConditionalRequestConflict', true)],
    ['412', answers(412, 'PreconditionFailed', true)],
    ['a lost connection', 'lose'],
  ])('has succeeded when the cell holds what it wrote: %s', async (_, fault) => {
    proxy.failNext([fault], isSwap);
    const after = await store.swapCell(CELL, bytes('mine'), version);
    expect(await store.readCell(CELL)).toEqual({ value: bytes('mine'), version: after });
    await store.swapCell(CELL, bytes('next'), after);
  });

  it.each<[string, S3Fault]>([
    ['500', answers(500, 'InternalError')],
    ['409', answers(409, 'ConditionalRequestConflict')],
    ['412', answers(412, 'PreconditionFailed')],
    ['429', answers(429, 'TooManyRequests')],
    ['a lost connection', 'refuse'],
  ])('is tried again when the cell is as it was: %s', async (_, fault) => {
    proxy.failNext([fault, fault], isSwap);
    const after = await store.swapCell(CELL, bytes('mine'), version);
    expect(await store.readCell(CELL)).toEqual({ value: bytes('mine'), version: after });
  });

  it.each<[string, S3Fault]>([
    ['500', answers(500, 'InternalError')],
    ['409', answers(409, 'ConditionalRequestConflict')],
    ['404', answers(404, 'NoSuchKey')],
  ])('conflicts when another has come first: %s', async (_, fault) => {
    await s3Objects({ bucketName, client }).swapCell(CELL, bytes('theirs'), version);
    proxy.failNext([fault], isSwap);
    const error = await rejection(store.swapCell(CELL, bytes('mine'), version));
    expect(error).toMatchObject({ code: 'CELL_CONFLICT' });
    expect(await text()).toBe('theirs');
  });

  it('conflicts when the cell is gone', async () => {
    await store.delete([CELL]);
    const error = await rejection(store.swapCell(CELL, bytes('mine'), version));
    expect(error).toMatchObject({ code: 'CELL_CONFLICT' });
  });

  it.each<[string, S3Fault, RegExp]>([
    ['500', answers(500, 'InternalError'), /answered 500 \(InternalError\)/],
    ['412', answers(412, 'PreconditionFailed'), /refuses to change the cell .* though nobody has/],
  ])('may be repeated later when it goes on so: %s', async (_, fault, message) => {
    proxy.failNext(Array(9).fill(fault), isSwap);
    const error = await rejection(store.swapCell(CELL, bytes('mine'), version));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toMatch(message);
    expect(await text()).toBe('before');
  });

  it('is open when the cell cannot be asked either', async () => {
    proxy.failNext(['lose', 'refuse'], ({ url }) => url.includes(CELL));
    const error = await rejection(store.swapCell(CELL, bytes('mine'), version));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(await text()).toBe('mine');
  });

  it('is no conflict with itself when the SDK has repeated it', async () => {
    store = through(3);
    proxy.failNext(['lose', answers(500, 'InternalError', true)], isSwap);
    const after = await store.swapCell(CELL, bytes('mine'), version);
    expect(await store.readCell(CELL)).toEqual({ value: bytes('mine'), version: after });
    const own = proxy.requests.filter((each) => isSwap(each) && each.condition !== '*');
    expect(own.length).toBeGreaterThan(2);
  });

  it('is given up with its signal, and then not tried again', async () => {
    proxy.failNext(['stall'], isSwap);
    const reason = new Error('enough');
    const swap = store.swapCell(CELL, bytes('mine'), version, AbortSignal.any([soon(reason)]));
    expect(await swap.catch((error) => error)).toBe(reason);
    expect(proxy.requests.filter(isSwap)).toHaveLength(2);
  });

  it('is found again by the attempt after one that took too long', async () => {
    const limited = limitRequests(store, { timeoutMs: 4000 });
    proxy.failNext(['lose', 'stall'], ({ url }) => url.includes(CELL));
    const after = await limited.swapCell(CELL, bytes('mine'), version);
    expect(await store.readCell(CELL)).toEqual({ value: bytes('mine'), version: after });
  });
});

it('of 20 that swap at once through failing connections, one wins', async () => {
  let seen = 0;
  proxy.fault = (request) => {
    if (!isSwap(request)) return null;
    return (
      ([null, 'lose', answers(500, 'InternalError', true), 'refuse'] as const)[seen++ % 4] ?? null
    );
  };
  for (let race = 0; race < 5; race++) {
    const swaps = Array.from({ length: 20 }, (_, racer) =>
      store.swapCell(CELL, bytes(`racer ${race}-${racer}`), version).then(
        (won) => won,
        (error) => error.code as string,
      ),
    );
    const outcomes = await Promise.all(swaps);
    const winners = outcomes.filter((outcome) => outcome !== 'CELL_CONFLICT');
    expect(winners).toHaveLength(1);
    expect((await store.readCell(CELL))?.version).toBe(winners[0]);
    version = winners[0] ?? '';
  }
});

function soon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 300);
  return controller.signal;
}
