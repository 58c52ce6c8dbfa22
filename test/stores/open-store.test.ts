import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { AwsS3Store } from '../../src/stores/aws-s3-store.js';
import { FileStore } from '../../src/stores/file-store.js';
import { MongoStore } from '../../src/stores/mongo-store.js';
import { openStore } from '../../src/stores/open-store.js';
import { PostgresStore } from '../../src/stores/postgres-store.js';
import { RedisStore } from '../../src/stores/redis-store.js';
import { partsOfS3Url, shownUrl } from '../../src/stores/store-url.js';

const KINDS: [url: string, kind: new (...args: never[]) => object][] = [
  ['file:./sessions', FileStore],
  ['FILE:/sessions', FileStore],
  ['mongodb://host/bots', MongoStore],
  ['mongodb+srv://user:secret@cluster.example.net/bots', MongoStore],
  ['s3://bucket/bots?region=eu-central-1', AwsS3Store],
  ['postgres://user:secret@host/bots', PostgresStore],
  ['postgresql:///bots', PostgresStore],
  ['redis://:secret@host:6379/1', RedisStore],
  ['rediss://host', RedisStore],
];

it.each(KINDS)('%s is opened without a request', async (url, kind) => {
  const store = openStore(url, { encryptionKey: 'a passphrase' });
  expect(store).toBeInstanceOf(kind);
  await store.close();
});

it('saves S3 every ten seconds, and all others every second', async () => {
  const intervals = KINDS.map(([url]) => openStore(url).defaultSaveIntervalMs);
  expect(intervals.filter((interval) => interval !== undefined)).toEqual([10_000]);
});

const WRONG: [url: string, says: string][] = [
  ['./sessions', 'write file: in front'],
  ['C:\\sessions', 'write file: in front'],
  ['ftp://user:secret@host/x', '"ftp:"'],
  ['file:', 'no path'],
  ['s3://', 's3://bucket/prefix'],
  ['s3://AKIA:secret@bucket/x', 'AWS_ACCESS_KEY_ID'],
  ['s3://bucket/x?acl=public', '"acl"'],
];

it.each(WRONG)('%s is refused, and no secret is told', (url, says) => {
  const error = refusalOf(url);
  expect(error.code).toBe('INVALID_OPTION');
  expect(error.message).toContain(says);
  expect(error.message).not.toContain('secret');
});

function refusalOf(url: string): HoldfastError {
  try {
    openStore(url);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error(`${url} was opened`);
}

it('takes options for requests only where there are requests', () => {
  expect(() => openStore('redis://host', { requests: { attempts: 0 } })).toThrow(/attempts/);
  openStore('file:./sessions', { requests: { attempts: 2 } });
});

describe('the URL of an S3 bucket', () => {
  it('names bucket, path, region and endpoint', () => {
    expect(
      partsOfS3Url('s3://bots/a/b%20c?region=eu-central-1&endpoint=http://127.0.0.1:9000'),
    ).toEqual({
      bucketName: 'bots',
      remoteDataPath: 'a/b c',
      region: 'eu-central-1',
      endpoint: 'http://127.0.0.1:9000',
    });
  });
});

describe('a URL is shown without its secrets', () => {
  it.each([
    ['file:./my#sessions', 'file:./my#sessions'],
    ['mongodb+srv://user:p%40ss@host/bots?authSource=admin', 'mongodb+srv://host/bots'],
    ['postgres://user:a@b:c@host:5432/bots?password=x', 'postgres://host:5432/bots'],
    ['redis://:secret@host/1', 'redis://host/1'],
    ['s3://bucket/bots?endpoint=http://host', 's3://bucket/bots'],
  ])('%s as %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});
