import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsS3Store as FormerStore } from 'wwebjs-aws-s3';
import type { FormerArchive } from '../../src/objects/former-archives.js';
import { limitRequests } from '../../src/objects/requests/limit-requests.js';
import { type S3Service, useService } from '../services/services.js';
import { S3Proxy } from './support/s3-proxy.js';
import { commandOptions, keysIn, newBucket, s3Client, s3Objects } from './support/s3-service.js';

const session = 'RemoteAuth-sales';

let service: S3Service;
let client: S3Client;
let bucketName: string;
beforeAll(async () => {
  service = await useService('s3');
  // The package sends streams, which Ceph takes without the SDK's checksums only.
  client = s3Client(service, { requestChecksumCalculation: 'WHEN_REQUIRED' });
});
beforeEach(async () => {
  bucketName = await newBucket(client);
});
afterAll(() => client?.destroy());

const workingFolder = process.cwd();
afterEach(() => process.chdir(workingFolder));

/** What the real package keeps of a session, whose archive has this content. */
async function saveFormer(remoteDataPath: string, name: string, content: string): Promise<void> {
  process.chdir(await mkdtemp(path.join(tmpdir(), 'holdfast-former-')));
  const file = `${name}.zip`;
  await writeFile(file, content);
  const options = { bucketName, remoteDataPath, s3Client: client, ...commandOptions };
  await new FormerStore(options).save({ session: name });
}

async function contentOf(archive: FormerArchive | null): Promise<string | null> {
  if (archive === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of archive.read()) parts.push(part);
  return Buffer.concat(parts).toString();
}

const archivesAt = (remoteDataPath: string) =>
  s3Objects({ bucketName, client, remoteDataPath }).formerArchives;

describe('what wwebjs-aws-s3 has left', () => {
  it.each(['bot', 'bot/', '/bot', '/bot/', 'example//path/', 'a\\b', './bot', '.', '/'])(
    'is found with the same remoteDataPath: %s',
    async (remoteDataPath) => {
      await saveFormer(remoteDataPath, session, 'its archive');
      const archive = await archivesAt(remoteDataPath).find(session);
      expect(archive).toMatchObject({ session, bytes: 11, savedAt: expect.any(Date) });
      expect(archive?.place).toBe(`s3://${bucketName}/${(await keysIn(client, bucketName))[0]}`);
      expect(await contentOf(archive)).toBe('its archive');
      expect(await archivesAt(remoteDataPath).find('RemoteAuth')).toBeNull();
    },
  );

  it('is found by an absolute path that ends in the session, the newest of all', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-former-'));
    await saveFormer('bot', session, 'old');
    await sleep(1100);
    await saveFormer('bot', path.join(folder, session), 'new');
    expect(await keysIn(client, bucketName)).toEqual(
      [`bot/${session}.zip`, `bot${folder}/${session}.zip`].sort(),
    );
    expect(await contentOf(await archivesAt('bot').find(session))).toBe('new');
    await sleep(1100);
    await saveFormer('bot', session, 'newest');
    expect(await contentOf(await archivesAt('bot').find(session))).toBe('newest');
  });

  it('is found where Windows has kept it', async () => {
    const store = s3Objects({ bucketName, client, remoteDataPath: 'bot/C:/bot/.wwebjs_auth' });
    await store.put(`${session}.zip`, Buffer.from('of Windows'));
    expect(await contentOf(await archivesAt('bot').find(session))).toBe('of Windows');
  });

  it('is listed, each session once, and nothing else', async () => {
    await saveFormer('bot', 'RemoteAuth', 'one');
    await saveFormer('bot', session, 'two');
    await saveFormer('other', 'RemoteAuth-other', 'three');
    const store = s3Objects({ bucketName, client });
    for (const key of ['else.zip', 'xRemoteAuth.zip', 'packs/RemoteAuth/1-1-0']) {
      await store.put(key, Uint8Array.of(1));
    }
    const listed = await store.formerArchives.list();
    expect(listed.map((each) => each.session)).toEqual(['RemoteAuth', session]);
    expect(await archivesAt('empty').list()).toEqual([]);
  });

  it('is deleted under every name', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-former-'));
    await saveFormer('bot', session, 'one');
    await saveFormer('bot', path.join(folder, session), 'two');
    await saveFormer('bot', 'RemoteAuth', 'stays');
    await archivesAt('bot').delete(session);
    await archivesAt('bot').delete(session);
    expect(await keysIn(client, bucketName)).toEqual(['bot/RemoteAuth.zip']);
  });

  it('is read whole in pieces, over a connection that is cut', async () => {
    const content = 'x'.repeat(20_000_000);
    await saveFormer('bot', session, content);
    const proxy = await S3Proxy.start(service.endpoint);
    const proxied = s3Client({ ...service, endpoint: proxy.endpoint }, { maxAttempts: 1 });
    const { formerArchives } = limitRequests(s3Objects({ bucketName, client: proxied }), {});
    proxy.failNext(['lose', 'cut', null, 'refuse']);
    expect((await contentOf((await formerArchives?.find(session)) ?? null)) === content).toBe(true);
    proxied.destroy();
    await proxy.stop();
  });

  it('is an error when another takes its place while it is read', async () => {
    await saveFormer('bot', session, 'x'.repeat(10_000_000));
    const archive = await archivesAt('bot').find(session);
    const reading = archive?.read()[Symbol.asyncIterator]();
    await reading?.next();
    await saveFormer('bot', session, 'y'.repeat(10_000_000));
    await expect(reading?.next()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });
});
