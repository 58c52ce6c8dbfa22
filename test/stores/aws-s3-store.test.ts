import { mkdtemp, rm } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwsS3Store, type AwsS3StoreOptions } from '../../src/s3.js';
import { readArchive } from '../../src/snapshot/archive/read-archive.js';
import { openStore } from '../../src/stores/open-store.js';
import { objectStoreContract } from '../../src/testing/index.js';
import { startS3Like } from '../objects/support/s3-like-server.js';
import { S3Proxy } from '../objects/support/s3-proxy.js';
import { commandOptions, keysIn, newBucket, s3Client } from '../objects/support/s3-service.js';
import { type S3Service, useService } from '../services/services.js';
import { KEY, openWriter, readSession, rejection, session } from '../snapshot/support/sessions.js';
import { mulberry32, smallProfile } from '../snapshot/support/test-profile.js';
import { writeSession } from '../support/session-archive.js';

interface ModuleInternals {
  _resolveFilename(request: string, ...more: unknown[]): string;
}
const { _resolveFilename: resolveFilename } = Module as unknown as ModuleInternals;

let service: S3Service;
let client: S3Client;
let bucketName: string;
beforeAll(async () => {
  service = await useService('s3');
  client = s3Client(service);
});
afterAll(() => client?.destroy());

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', service.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', service.secretAccessKey);
  vi.stubEnv('AWS_REGION', service.region);
  bucketName = await newBucket(client);
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const end of ends.splice(0)) await end();
});

async function proxied(): Promise<S3Proxy> {
  const proxy = await S3Proxy.start(service.endpoint);
  ends.push(() => proxy.stop().catch(() => undefined));
  return proxy;
}

/** As whatsapp-web.js's documentation makes wwebjs-aws-s3's. */
function documented(more: Partial<AwsS3StoreOptions> = {}): AwsS3Store {
  return new AwsS3Store({
    bucketName,
    remoteDataPath: 'example/path/',
    s3Client: client,
    putObjectCommand: PutObjectCommand,
    headObjectCommand: HeadObjectCommand,
    getObjectCommand: GetObjectCommand,
    deleteObjectCommand: DeleteObjectCommand,
    ...more,
  });
}

/** With a client of its own. */
function own(endpoint: string, more: Partial<AwsS3StoreOptions> = {}): AwsS3Store {
  return new AwsS3Store({ bucketName, remoteDataPath: 'bot', endpoint, ...more });
}

describe('AwsS3Store with a client of its own', () => {
  const proxies = new WeakMap<object, S3Proxy>();
  const open = async (bucket: string) => {
    const proxy = await S3Proxy.start(service.endpoint);
    const store = own(proxy.endpoint, { bucketName: bucket, requests: { attempts: 2 } });
    proxies.set(store, proxy);
    return store;
  };
  const tests = objectStoreContract({
    create: () => open(bucketName),
    reopen: () => open(bucketName),
    breakStore: (store) => proxies.get(store)?.stop(),
    dispose: async (store) => {
      await store.close?.();
      await proxies
        .get(store)
        ?.stop()
        .catch(() => undefined);
    },
  });
  // The longest writes thousands of objects, on a machine that may be busy.
  for (const { name, run } of tests) it(`keeps the contract: ${name}`, run, 300_000);

  it('ends its connections when it is closed', async () => {
    const proxy = await proxied();
    const store = own(proxy.endpoint);
    await store.put('packs/a', Uint8Array.of(1));
    expect(proxy.connections).toBe(1);
    await store.close();
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('repeats requests by itself only, so that a swap is never repeated unseen', async () => {
    const proxy = await proxied();
    const store = own(proxy.endpoint, { requests: { attempts: 1 } });
    proxy.fault = () => ({ status: 503, code: 'SlowDown' });
    await rejection(store.get('packs/a'), 'STORE_UNREACHABLE');
    expect(proxy.requests).toHaveLength(1);
  });

  it('is opened by its URL', async () => {
    const { endpoint, region } = service;
    const query = new URLSearchParams({ endpoint, region });
    const store = openStore(`s3://${bucketName}/a%20b/c?${query}`);
    await store.put('packs/a', Uint8Array.of(1));
    expect(await keysIn(client, bucketName)).toEqual(['a b/c/packs/a']);
    await store.close();
  });

  it('outlasts a storm of 5xx and lost answers', async () => {
    const proxy = await proxied();
    const store = own(proxy.endpoint);
    const storm = [{ status: 503, code: 'SlowDown' }, 'refuse', 'lose', 'cut'] as const;
    const random = mulberry32(3);
    proxy.fault = () => storm[Math.floor(random() * 12)] ?? null;
    const writer = await openWriter(store);
    const profile = smallProfile();
    await writer.save(profile.capture());
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    await store.close();
  });

  it('gives up a connection that hangs, and says so', async () => {
    const proxy = await proxied();
    const store = own(proxy.endpoint, { requests: { timeoutMs: 400, attempts: 1 } });
    await store.put('packs/a', new Uint8Array(1000));
    for (const fault of ['stall', 'stall half'] as const) {
      proxy.fault = () => fault;
      const error = await rejection(store.get('packs/a', { start: 0, end: 1000 }));
      expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    }
    await store.close();
  });
});

describe('AwsS3Store with what it is handed', () => {
  it('takes the form of wwebjs-aws-s3, and leaves the client open', async () => {
    const store = documented();
    expect(store.defaultSaveIntervalMs).toBe(10_000);
    await store.put('packs/a', Uint8Array.of(1));
    await store.swapCell('heads/a', Uint8Array.of(2), null);
    await store.close();
    expect(await keysIn(client, bucketName)).toEqual([
      'example/path/heads/a',
      'example/path/packs/a',
    ]);
  });

  it('has types that the real client and commands satisfy, and others do not', () => {
    const real = {
      bucketName: 'bucket',
      s3Client: new S3Client({ region: 'eu-central-1' }),
      ...commandOptions,
      listObjectsV2Command: ListObjectsV2Command,
    } satisfies AwsS3StoreOptions;
    expect(new AwsS3Store(real)).toBeInstanceOf(AwsS3Store);
    // @ts-expect-error: another command
    const wrong: AwsS3StoreOptions = { bucketName: 'bucket', putObjectCommand: CopyObjectCommand };
    expect(wrong).toBeDefined();
  });

  it('uses the commands that it is handed', async () => {
    const made: string[] = [];
    class Noted extends PutObjectCommand {
      constructor(input: ConstructorParameters<typeof PutObjectCommand>[0]) {
        super(input);
        made.push(input.Key ?? '');
      }
    }
    await documented({ putObjectCommand: Noted }).put('packs/a', Uint8Array.of(1));
    expect(made).toEqual(['example/path/packs/a']);
  });

  it('says which package is missing, and needs none when it is handed everything', () => {
    const resolve = vi.spyOn(Module as unknown as ModuleInternals, '_resolveFilename');
    ends.push(() => resolve.mockRestore());
    resolve.mockImplementation((request, ...more) => {
      if (request !== '@aws-sdk/client-s3') return resolveFilename.call(Module, request, ...more);
      const message = `Cannot find module '${request}'`;
      throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
    });
    expect(() => own('http://localhost')).toThrow(
      expect.objectContaining({
        code: 'CLIENT_MISSING',
        message: expect.stringContaining('npm install @aws-sdk/client-s3'),
      }),
    );
    expect(() => documented()).toThrow(expect.objectContaining({ code: 'CLIENT_MISSING' }));
    documented({ listObjectsV2Command: ListObjectsV2Command });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['no options', undefined, 'INVALID_OPTION', /Options must be an object/],
    ['no bucket', {}, 'INVALID_OPTION', /AwsS3Store needs a bucket/],
    ['an empty bucket', { bucketName: '' }, 'INVALID_OPTION', /bucketName must be a name/],
    [
      'a mistyped option',
      { bucketName: 'a', bucket: 'a' },
      'INVALID_OPTION',
      /no option.*bucket\./,
    ],
    ['no client', { bucketName: 'a', s3Client: {} }, 'INVALID_OPTION', /must be an S3Client/],
    ['an endpoint that is none', { bucketName: 'a', endpoint: 'host' }, 'INVALID_OPTION', /a URL/],
    [
      'a region for a client that is handed in',
      { bucketName: 'a', s3Client: { send: () => undefined }, region: 'eu' },
      'INCOMPATIBLE_OPTIONS',
      /region is for a client of the store's own/,
    ],
  ])('refuses %s', (_, options, code, message) => {
    const make = () => new AwsS3Store(options as AwsS3StoreOptions);
    expect(make).toThrow(expect.objectContaining({ code }));
    expect(make).toThrow(message);
  });
});

describe('a session in an AwsS3Store', () => {
  it.each(['lose', 'refuse', 'cut'] as const)(
    'is saved though the connection fails (%s) between the pack and the head',
    async (fault) => {
      const proxy = await proxied();
      const store = own(proxy.endpoint);
      const writer = await openWriter(store);
      const profile = smallProfile();
      await writer.save(profile.capture());
      profile.append();
      proxy.failNext([fault, fault], ({ url }) => url.includes('/heads/'));
      await writer.save(profile.capture());
      expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
      profile.append();
      await writer.save(profile.capture());
      expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
      await store.close();
    },
  );

  it('stands as it was when the service goes away between the pack and the head', async () => {
    const proxy = await proxied();
    const store = own(proxy.endpoint, { requests: { attempts: 2, timeoutMs: 2000 } });
    const writer = await openWriter(store);
    const profile = smallProfile();
    await writer.save(profile.capture());
    const before = profile.digests();
    profile.append();
    let isGone = false;
    proxy.fault = ({ url }) => {
      isGone ||= url.includes('/heads/');
      return isGone ? 'refuse' : null;
    };
    await rejection(writer.save(profile.capture()), 'STORE_UNREACHABLE');
    expect((await readSession(documented({ remoteDataPath: 'bot' })))[0]?.digests).toEqual(before);
    proxy.fault = () => null;
    await writer.save(profile.capture());
    expect((await readSession(store))[0]?.digests).toEqual(profile.digests());
    await store.close();
  });

  it('leaves only its tombstone when it is deleted', async () => {
    const store = documented({ encryptionKey: KEY });
    const writer = await openWriter(store);
    const profile = smallProfile();
    for (let save = 0; save < 3; save++) {
      await writer.save(profile.capture());
      profile.append();
    }
    await writer.release();
    expect((await keysIn(client, bucketName)).length).toBeGreaterThan(3);
    await store.delete({ session });
    expect(await store.sessionExists({ session })).toBe(false);
    const left = await keysIn(client, bucketName);
    expect(left).toEqual([`example/path/heads/${session}`, `example/path/keys/${session}`]);
  });

  it('serves the four methods of whatsapp-web.js, sealed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-s3-'));
    ends.push(() => rm(folder, { recursive: true }));
    const name = 'RemoteAuth-sales';
    await writeSession(path.join(folder, `${name}.zip`), 'marker');

    const store = documented({ dataPath: folder, encryptionKey: KEY });
    expect(await store.sessionExists({ session: name })).toBe(false);
    await store.save({ session: name });
    expect(await store.sessionExists({ session: name })).toBe(true);
    const extracted = path.join(folder, 'extracted.zip');
    await store.extract({ session: name, path: extracted });
    await readArchive(extracted, path.join(folder, 'unpacked'));
    await store.delete({ session: name });
    expect(await store.sessionExists({ session: name })).toBe(false);
    await store.delete({ session: 'RemoteAuth-never' });
  });
});

describe('AwsS3Store without leases', () => {
  it('keeps sessions where there are no conditional writes, and warns once', async () => {
    const server = await startS3Like({ ignores: ['if-match', 'if-none-match'] });
    ends.push(server.stop);
    const warnings: unknown[] = [];
    const note = ({ code }: Error & { code?: string }) => warnings.push(code);
    process.on('warning', note);
    ends.push(() => process.off('warning', note));

    const strict = own(server.endpoint);
    await rejection(strict.swapCell('cell', Uint8Array.of(1), null), 'NO_CONDITIONAL_WRITES');
    const store = own(server.endpoint, { withoutLeases: true });
    let version: string | null = null;
    for (const value of [1, 2, 3]) {
      version = await store.swapCell('cell', Uint8Array.of(value), version);
    }
    await rejection(store.swapCell('cell', Uint8Array.of(4), null), 'CELL_CONFLICT');
    expect((await store.readCell('cell'))?.value).toEqual(Uint8Array.of(3));
    expect(warnings.filter((code) => code === 'WITHOUT_LEASES')).toHaveLength(1);
    await strict.close();
    await store.close();
  });
});
