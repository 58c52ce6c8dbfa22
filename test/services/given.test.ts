import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { givenService } from './given.js';
import { startService } from './start-service.js';

const variables = [
  ...['MONGODB_URI', 'POSTGRES_URL', 'PGBOUNCER_URL', 'REDIS_URL', 'S3_ENDPOINT'],
  ...['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
];
beforeEach(() => {
  for (const variable of variables) vi.stubEnv(variable, undefined);
});
afterEach(() => vi.unstubAllEnvs());

it('without a word in the environment there is none', () => {
  for (const name of ['mongo', 'postgres', 'pgbouncer', 'redis', 's3'] as const) {
    expect(givenService(name)).toBeUndefined();
  }
});

it('a server that the environment names is used, and none is started', async () => {
  vi.stubEnv('REDIS_URL', 'redis://example.invalid');
  const { service, stop } = await startService('redis');
  expect(service).toEqual({ url: 'redis://example.invalid' });
  await stop();
});

it('S3 takes its keys from where all programs for it do', () => {
  vi.stubEnv('S3_ENDPOINT', 'https://s3.example.invalid');
  expect(() => givenService('s3')).toThrow('AWS_ACCESS_KEY_ID');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'name');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  expect(givenService('s3')).toEqual({
    endpoint: 'https://s3.example.invalid',
    region: 'us-east-1',
    accessKeyId: 'name',
    secretAccessKey: 'secret',
  });
});
