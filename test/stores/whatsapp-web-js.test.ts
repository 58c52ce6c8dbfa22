import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Mongoose } from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as whatsappWebJs from 'whatsapp-web.js';
import { KEY, newFolder, startRemote } from '../auth/remote-sessions.js';
import { linkTheirs, startSlowStandIn, startTheirs, type Theirs } from '../auth/whatsapp-web-js.js';
import { link, openStore, type StandIn } from '../client/support.js';
import { writeDatabase } from '../profile/support/leveldb-writer.js';
import { useService } from '../services/services.js';
import { digests, readTree } from '../snapshot/archive/support/profile.js';
import { untilSettled } from '../snapshot/archive/support/their-remote-auth.js';
import {
  makeBucket,
  SERVER_KINDS,
  SERVER_PLACES,
  type ServerKind,
  s3ClientOf,
  unique,
} from './support/places.js';

const require = createRequire(import.meta.url);
type TheirStore = Parameters<typeof startRemote>[1]['store'];
const { MongoStore: TheirMongoStore } = require('wwebjs-mongo') as {
  MongoStore: new (options: object) => TheirStore;
};
const { AwsS3Store: TheirS3Store } = require('wwebjs-aws-s3') as {
  AwsS3Store: new (options: object) => TheirStore;
};

/** Their RemoteAuth, and what it does not tell. */
interface TheirRemoteAuth {
  client: unknown;
  userDataDir: string;
  delay(ms: number): Promise<void>;
  beforeBrowserInitialized(): Promise<void>;
  storeRemoteSession(): Promise<void>;
  extractRemoteSession(): Promise<void>;
  deleteRemoteSession(): Promise<void>;
}
const TheirRemoteAuth = whatsappWebJs.RemoteAuth as unknown as new (
  options: object,
) => TheirRemoteAuth;

const DATABASES = [
  'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb',
  'Default/Local Storage/leveldb',
];

/**
 * Their first save comes a minute after `ready`, as until then the disk may lack the login; of a
 * browser that has ended it is whole at once.
 */
async function endAndSave({ client }: Theirs, strategy: TheirRemoteAuth): Promise<void> {
  strategy.delay = () => new Promise(() => undefined);
  await client.destroy();
  await strategy.storeRemoteSession();
}

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startSlowStandIn();
});
afterAll(() => standIn.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

async function connectMongoose(database: string): Promise<Mongoose> {
  const uri = new URL((await useService('mongo')).uri);
  uri.pathname = `/${database}`;
  const mongoose = new Mongoose();
  await mongoose.connect(uri.href);
  cleanups.push(() => mongoose.disconnect());
  return mongoose;
}

async function openOurs(kind: ServerKind, dataPath: string) {
  const { url, env = {} } = await SERVER_PLACES[kind]();
  Object.assign(process.env, env);
  const store = openStore(url, { dataPath, encryptionKey: KEY });
  cleanups.push(() => store.close());
  return { store, url };
}

interface CommunityPlace {
  theirs: TheirStore;
  /** A store of ours on the same place. */
  openOurs(): ReturnType<typeof openStore>;
  /** What is left of their archives. */
  archives(): Promise<string[]>;
}

const COMMUNITY: Record<string, () => Promise<CommunityPlace>> = {
  'wwebjs-mongo': async () => {
    const database = unique();
    const mongoose = await connectMongoose(database);
    const uri = new URL((await useService('mongo')).uri);
    uri.pathname = `/${database}`;
    return {
      theirs: new TheirMongoStore({ mongoose }),
      openOurs: () => openStore(uri.href),
      archives: async () => {
        const files = mongoose.connection.db?.collection('whatsapp-RemoteAuth.files');
        return ((await files?.find({}).toArray()) ?? []).map(({ filename }) => filename);
      },
    };
  },
  'wwebjs-aws-s3': async () => {
    const service = await useService('s3');
    const bucketName = await makeBucket(service);
    // wwebjs-aws-s3 sends a stream, for which Ceph knows no checksums.
    const s3Client = s3ClientOf(service, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    cleanups.push(async () => s3Client.destroy());
    const { endpoint, region } = service;
    process.env.AWS_ACCESS_KEY_ID = service.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = service.secretAccessKey;
    return {
      theirs: new TheirS3Store({
        bucketName,
        remoteDataPath: 'bots/',
        s3Client,
        putObjectCommand: PutObjectCommand,
        headObjectCommand: HeadObjectCommand,
        getObjectCommand: GetObjectCommand,
        deleteObjectCommand: DeleteObjectCommand,
      }),
      openOurs: () => openStore(`s3://${bucketName}/bots?region=${region}&endpoint=${endpoint}`),
      archives: async () => {
        const { Contents = [] } = await s3Client.send(
          new ListObjectsV2Command({ Bucket: bucketName }),
        );
        return Contents.flatMap(({ Key = '' }) => (Key.endsWith('.zip') ? [Key] : []));
      },
    };
  },
};

describe.each(Object.keys(COMMUNITY))('%s', (name) => {
  const newPlace = () => (COMMUNITY[name] as () => Promise<CommunityPlace>)();

  it('keeps the login of our Client and RemoteAuth, and forgets it at the logout', async () => {
    const { theirs: store, archives } = await newPlace();
    const first = startRemote(standIn, { store, encryptionKey: undefined });
    const device = await link(standIn, first);
    await first.log.until('remote_session_saved');
    await device.receive({ body: 'one more' });
    await first.client.destroy();
    expect(await archives()).toHaveLength(1);

    const second = startRemote(standIn, { store, encryptionKey: undefined });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
    await device.receive({ body: 'after the move' });
    await second.log.until('message');
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
    await second.client.logout();
    expect(await archives()).toEqual([]);
  });

  it("gives up a session of whatsapp-web.js's to our store, and leaves its archive", async () => {
    const { theirs: store, openOurs, archives } = await newPlace();
    const folder = newFolder();
    const strategy = new TheirRemoteAuth({ store, dataPath: folder, backupSyncIntervalMs: 60_000 });
    const theirs = startTheirs(standIn, strategy as never);
    const device = await linkTheirs(standIn, theirs);
    // Where both stores look for the archive.
    const before = process.cwd();
    process.chdir(folder);
    cleanups.push(async () => process.chdir(before));
    await endAndSave(theirs, strategy);
    process.chdir(before);

    const ours = openOurs();
    cleanups.push(() => ours.close());
    const next = startRemote(standIn, { store: ours });
    await next.log.until('ready');
    expect(next.log.of('qr')).toEqual([]);
    expect(next.log.of('session_adopted')).toHaveLength(1);
    await device.receive({ body: 'after moving in' });
    await next.log.until('message');
    expect(await archives()).toHaveLength(1);
    await next.client.logout();
    expect(await archives()).toEqual([]);
  });
});

it("whatsapp-web.js's Client and RemoteAuth keep their login in our store", async () => {
  const dataPath = newFolder();
  const { store } = await openOurs('mongo', dataPath);
  const clientId = unique();
  const session = `RemoteAuth-${clientId}`;
  const start = () => {
    const options = { clientId, dataPath, store, backupSyncIntervalMs: 60_000 };
    const strategy = new TheirRemoteAuth(options);
    return { ...startTheirs(standIn, strategy as never), strategy };
  };
  const first = start();
  const device = await linkTheirs(standIn, first);
  await endAndSave(first, first.strategy);
  rmSync(dataPath, { recursive: true });
  mkdirSync(dataPath);

  const second = start();
  await second.emitted.until('ready');
  expect(second.emitted.of('qr')).toEqual([]);
  await device.receive({ body: 'after the move' });
  await second.emitted.until('message');
  await second.client.logout();
  const keys: string[] = [];
  for await (const { key } of store.list('')) if (key.includes(session)) keys.push(key);
  expect(keys).toEqual([`heads/${session}`, `keys/${session}`]);
});

describe.each(SERVER_KINDS)("the hooks of whatsapp-web.js's RemoteAuth with %s", (kind) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast-theirs-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('save, extract and delete a session by its name, and by its path', async () => {
    // Not the working directory.
    const dataPath = path.join(folder, 'data');
    const { store } = await openOurs(kind, dataPath);
    const clientId = unique();
    const session = `RemoteAuth-${clientId}`;
    const options = { clientId, dataPath, store, backupSyncIntervalMs: 60_000 };
    const strategy = new TheirRemoteAuth(options);
    strategy.client = { options: { puppeteer: {} } };
    await strategy.beforeBrowserInitialized();
    for (const database of DATABASES)
      await writeDatabase(path.join(strategy.userDataDir, database));
    const before = digests(await readTree(strategy.userDataDir));
    for (const name of Object.keys(before)) if (name.endsWith('LOCK')) delete before[name];
    await strategy.storeRemoteSession();

    await rm(dataPath, { recursive: true });
    mkdirSync(dataPath);
    await strategy.extractRemoteSession();
    expect(digests(await untilSettled(strategy.userDataDir))).toMatchObject(before);

    // As newer versions of whatsapp-web.js name it.
    const asPath = path.join(dataPath, session);
    expect(await store.sessionExists({ session: asPath })).toBe(true);
    const zip = path.join(folder, 'extracted.zip');
    await store.extract({ session: asPath, path: zip });
    copyFileSync(zip, `${asPath}.zip`);
    await store.save({ session: asPath });
    expect((await readFile(zip)).subarray(0, 2).toString()).toBe('PK');

    await strategy.deleteRemoteSession();
    expect(await store.sessionExists({ session })).toBe(false);
    expect(await readTree(dataPath)).not.toEqual({});
    expect((await readdir('.')).filter((name) => name.endsWith('.zip'))).toEqual([]);
  });
});
