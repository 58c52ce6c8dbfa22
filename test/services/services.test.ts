import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { createClient } from 'redis';
import { expect, it, vi } from 'vitest';
import { useService } from './services.js';

// The first to ask may wait for a download.
vi.setConfig({ testTimeout: 300_000 });

it('mongo has unique ids, and transactions', async () => {
  const { uri } = await useService('mongo');
  const client = new MongoClient(uri);
  try {
    const things = client.db('services-test').collection<{ _id: string }>('things');
    await client.withSession((session) =>
      session.withTransaction(() => things.insertOne({ _id: 'one' }, { session })),
    );
    await expect(things.insertOne({ _id: 'one' })).rejects.toMatchObject({ code: 11000 });
  } finally {
    await client.close();
  }
});

it('s3 checks signatures and conditions', async () => {
  const { endpoint, region, ...credentials } = await useService('s3');
  const options = { endpoint, region, forcePathStyle: true };
  const client = new S3Client({ ...options, credentials });
  const stranger = new S3Client({
    ...options,
    credentials: { ...credentials, secretAccessKey: 'guessed' },
  });
  try {
    const Bucket = 'services-test';
    await client.send(new CreateBucketCommand({ Bucket }));
    const once = { Bucket, Key: 'one', Body: 'value', IfNoneMatch: '*' };
    const racers = Array.from({ length: 10 }, () => client.send(new PutObjectCommand(once)));
    const results = await Promise.allSettled(racers);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(stranger.send(new PutObjectCommand(once))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  } finally {
    client.destroy();
    stranger.destroy();
  }
});

it('postgres lets its superuser in, with the password only', async () => {
  const { url } = await useService('postgres');
  expect(await query(url, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([
    { rolsuper: true },
  ]);
  const stranger = new URL(url);
  stranger.password = 'guessed';
  await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password/);
});

it('pgbouncer leads to the same cluster, a connection for a transaction', async () => {
  const [{ url }, postgres] = [await useService('pgbouncer'), await useService('postgres')];
  const cluster = 'select system_identifier from pg_control_system()';
  expect(await query(url, cluster)).toEqual(await query(postgres.url, cluster));
  const console = new URL(url);
  console.pathname = '/pgbouncer';
  const [settings] = [await query(console.href, 'show config')];
  expect(settings).toContainEqual(
    expect.objectContaining({ key: 'pool_mode', value: 'transaction' }),
  );
});

it('redis keeps a value, and runs a script', async () => {
  const { url } = await useService('redis');
  const client = createClient({ url });
  await client.connect();
  try {
    await client.set('services-test', 'one');
    const script = "return redis.call('get', KEYS[1])";
    expect(await client.eval(script, { keys: ['services-test'] })).toBe('one');
  } finally {
    client.destroy();
  }
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
