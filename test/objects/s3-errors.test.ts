import { PutBucketPolicyCommand, type S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { s3Error } from '../../src/objects/s3/s3-errors.js';
import type { S3Objects } from '../../src/objects/s3-objects.js';
import { type S3Service, useService } from '../services/services.js';
import { rejection } from '../snapshot/support/sessions.js';
import { startS3Like } from './support/s3-like-server.js';
import { type S3Fault, S3Proxy } from './support/s3-proxy.js';
import { newBucket, s3Client, s3Objects } from './support/s3-service.js';

const bytes = (text: string) => new TextEncoder().encode(text);

let service: S3Service;
let client: S3Client;
let bucketName: string;
beforeAll(async () => {
  service = await useService('s3');
  client = s3Client(service);
  bucketName = await newBucket(client);
});
afterAll(() => client?.destroy());

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function list(store: S3Objects): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

const calls: [string, (store: S3Objects) => Promise<unknown>][] = [
  ['get', (store) => store.get('packs/a')],
  ['get of an empty range', (store) => store.get('packs/a', { start: 3, end: 3 })],
  ['put', (store) => store.put('packs/a', bytes('x'))],
  ['list', list],
  ['delete', (store) => store.delete(['packs/a'])],
  ['readCell', (store) => store.readCell('cell')],
  ['swapCell', (store) => store.swapCell('cell', bytes('x'), null)],
  ['formerArchives', (store) => store.formerArchives.find('RemoteAuth')],
];

describe.each(calls)('%s', (_, call) => {
  it.each<[string, () => S3Client, RegExp]>([
    [
      'a secret key that is wrong',
      () => s3Client({ ...service, secretAccessKey: 'another-secret' }),
      /the secret access key is wrong.*SignatureDoesNotMatch/,
    ],
    [
      'an access key that is not known',
      () => s3Client({ ...service, accessKeyId: 'UNKNOWN' }),
      /access key is not known there \(InvalidAccessKeyId\)/,
    ],
    [
      'a clock that is wrong',
      () => s3Client(service, { systemClockOffset: 3_600_000 }),
      /the clock of this machine.*RequestTimeTooSkewed/,
    ],
  ])('says that it has %s', async (__, make, message) => {
    const error = await rejection(call(s3Objects({ bucketName, client: make() })));
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('another-secret');
  });

  it('never takes a bucket that is not there for an empty one', async () => {
    const missing = s3Objects({ bucketName: `${bucketName}-none`, client });
    const error = await rejection(call(missing));
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
    expect(error.message).toMatch(/there is no such bucket.*bucketName \(NoSuchBucket\)/);
  });

  it('says which rights are needed when they are not there', async () => {
    const closed = await newBucket(client);
    const before = s3Objects({ bucketName: closed, client });
    await before.put('packs/a', bytes('x'));
    await before.put('cell', bytes('x'));
    const Statement = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'],
        Resource: [`arn:aws:s3:::${closed}`, `arn:aws:s3:::${closed}/*`],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await client.send(new PutBucketPolicyCommand({ Bucket: closed, Policy }));
    const error = await rejection(call(s3Objects({ bucketName: closed, client })));
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
    expect(error.message).toContain(
      `s3:GetObject, s3:PutObject and s3:DeleteObject on arn:aws:s3:::${closed}/bot/*, and ` +
        `s3:ListBucket on arn:aws:s3:::${closed}`,
    );
    expect(error.message).toMatch(/Without s3:ListBucket, S3 answers so for every key that is not/);
  });
});

describe('what the SDK does not find', () => {
  const withoutPlaces = (settings: S3ClientConfig) =>
    s3Objects({
      bucketName,
      client: s3Client(service, {
        credentials: async () => {
          throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
        },
        ...settings,
      }),
    });

  it('credentials: it says where they are looked for', async () => {
    const error = await rejection(withoutPlaces({}).get('a'), 'STORE_UNUSABLE');
    expect(error.message).toMatch(/no credentials.*AWS_ACCESS_KEY_ID.*~\/\.aws\/credentials.*role/);
  });
});

describe('a connection that fails', () => {
  async function behind(fault: S3Fault, settings: S3ClientConfig = { maxAttempts: 1 }) {
    const proxy = await S3Proxy.start(service.endpoint);
    ends.push(() => proxy.stop());
    const store = s3Objects({
      bucketName,
      client: s3Client({ ...service, endpoint: proxy.endpoint }, settings),
    });
    await store.put('packs/a', new Uint8Array(100_000));
    proxy.fault = () => fault;
    return { store, proxy };
  }

  it.each<[string, S3Fault]>([
    ['is reset', 'refuse'],
    ['loses the answer', 'lose'],
    ['is cut within the answer', 'cut'],
    ['answers 500', { status: 500, code: 'InternalError' }],
    ['answers 503', { status: 503, code: 'SlowDown' }],
    ['answers 429', { status: 429, code: 'TooManyRequests' }],
    ['answers that it has waited too long', { status: 400, code: 'RequestTimeout' }],
    ['answers that something else is under way', { status: 409, code: 'OperationAborted' }],
  ])('and %s says so, and that it may pass', async (_, fault) => {
    const { store } = await behind(fault);
    for (const call of [() => store.get('packs/a'), () => list(store)]) {
      expect(await rejection(call())).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    }
  });

  it.each(['cut', 'lose'] as const)('and is cut within an error: %s', async (fault) => {
    const { store } = await behind(fault);
    const error = await rejection(store.get('packs/none'));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.cause).toMatchObject({ code: 'ECONNRESET' });
    expect(error.cause).not.toHaveProperty('$response');
  });

  it.each(['stall', 'stall half'] as const)(
    'and hangs (%s) ends with its signal',
    async (fault) => {
      const { store, proxy } = await behind(fault);
      const reason = new Error('enough');
      const giveUp = new AbortController();
      setTimeout(() => giveUp.abort(reason), 300);
      const reading = store.get('packs/a', undefined, giveUp.signal);
      expect(await reading.catch((error) => error)).toBe(reason);
      await expect.poll(() => proxy.connections).toBe(0);
    },
  );

  it('is not there at all', async () => {
    const nowhere = s3Client({ ...service, endpoint: 'http://127.0.0.1:1' });
    const error = await rejection(s3Objects({ bucketName, client: nowhere }).get('a'));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toMatch(/has not answered \(ECONNREFUSED\)/);
  });

  it('speaks no TLS', async () => {
    const endpoint = service.endpoint.replace('http:', 'https:');
    const store = s3Objects({ bucketName, client: s3Client({ ...service, endpoint }) });
    const error = await rejection(store.get('a'), 'STORE_UNUSABLE');
    expect(error.message).toMatch(/no secure connection could be made \(EPROTO\)/);
  });
});

describe('an answer of something that is no S3 service', () => {
  it.each([
    ['404 with a page', { status: 404, body: '<html>Not found</html>' }, 'STORE_'],
    ['404 with nothing', { status: 404, body: '' }, 'STORE_UNUSABLE'],
    ['502 with a page', { status: 502, body: '<html><p>Bad gateway' }, 'STORE_UNREACHABLE'],
  ])('is never taken for "not here": %s', async (_, answer, code) => {
    const server = await startS3Like({ answers: Array(8).fill(answer) });
    ends.push(server.stop);
    const fake = s3Client({ ...service, endpoint: server.endpoint }, { maxAttempts: 1 });
    const store = s3Objects({ bucketName, client: fake });
    expect((await rejection(store.get('a'))).code).toContain(code);
    expect((await rejection(store.readCell('a'))).code).toContain(code);
  });

  it('is told when a list has no end or no order', async () => {
    const page = (keys: string[], isTruncated = false) => ({
      status: 200,
      body:
        `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>` +
        `${keys.map((key) => `<Contents><Key>bot/${key}</Key></Contents>`).join('')}` +
        '</ListBucketResult>',
    });
    const server = await startS3Like({ answers: [page(['b', 'a']), page(['a'], true)] });
    ends.push(server.stop);
    const fake = s3Client({ ...service, endpoint: server.endpoint }, { maxAttempts: 1 });
    const store = s3Objects({ bucketName, client: fake });
    expect((await rejection(list(store), 'STORE_UNUSABLE')).message).toMatch(/in no order/);
    await rejection(list(store), 'STORE_UNREACHABLE');
  });
});

describe('an error of the service', () => {
  const place = { bucket: 'sessions', path: '' };
  const failure = (name: string, status?: number, more = {}) =>
    Object.assign(new Error('UnknownError'), {
      name,
      $metadata: status === undefined ? {} : { httpStatusCode: status },
      ...more,
    });

  it.each([
    [failure('QuotaExceeded', 403), 'STORE_FULL', true, /quota is used up/],
    [failure('XMinioStorageFull', 507), 'STORE_FULL', true, /used up/],
    [failure('ExpiredToken', 400), 'STORE_UNUSABLE', false, /credentials have expired/],
    [failure('InvalidToken', 400), 'STORE_UNUSABLE', false, /session token/],
    [
      failure('PermanentRedirect', 301, {
        $response: { headers: { 'x-amz-bucket-region': 'eu-1' } },
      }),
      'STORE_UNUSABLE',
      false,
      /is in the region eu-1; give the client that region/,
    ],
    [
      failure('AuthorizationHeaderMalformed', 400, { Region: 'eu-2' }),
      'STORE_UNUSABLE',
      false,
      /is in the region eu-2/,
    ],
    [failure('InvalidObjectState', 403), 'STORE_UNUSABLE', false, /lifecycle rule/],
    [
      failure('CERT_HAS_EXPIRED', undefined, { code: 'CERT_HAS_EXPIRED' }),
      'STORE_UNUSABLE',
      false,
      /no secure/,
    ],
    [new Error('Region is missing'), 'STORE_UNUSABLE', false, /AWS_REGION/],
    [failure('Strange', 418), 'STORE_UNUSABLE', false, /answered 418 \(Strange\)/],
    ['a text', 'STORE_UNREACHABLE', true, /has not answered \(a text\)/],
  ])('is told as what it is: %s', (cause, code, transient, message) => {
    const error = s3Error(place, 'read a', cause);
    expect(error).toMatchObject({ code, transient });
    expect(error.cause).not.toHaveProperty('$response');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^Cannot read a in the bucket sessions: /);
  });
});
