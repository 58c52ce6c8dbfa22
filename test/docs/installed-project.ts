import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { useService } from '../services/services.js';
import { s3ClientOf, unique } from '../stores/support/places.js';
import { root } from './documents.js';

const INSTALLED = [
  'uqr',
  'puppeteer-core',
  'whatsapp-web.js',
  'mongoose',
  'mongodb',
  '@aws-sdk/client-s3',
];

/** The folder of a project that has installed the package; it goes after the test. */
export async function makeProject(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'test-docs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const modules = path.join(folder, 'node_modules');
  await mkdir(path.join(modules, '@aws-sdk'), { recursive: true });
  await symlink(root, path.join(modules, 'holdfast'), 'dir');
  for (const name of INSTALLED) {
    await symlink(path.join(root, 'node_modules', name), path.join(modules, name), 'dir');
  }
  return folder;
}

/** What the examples take from the environment, with real servers behind it. */
export async function environmentOf(example: string): Promise<NodeJS.ProcessEnv> {
  const env = { HOLDFAST_KEY: Buffer.alloc(32, 7).toString('base64') };
  if (example === 'mongo-remote-auth.js' || example === 'store-methods.js') {
    const uri = new URL((await useService('mongo')).uri);
    uri.pathname = `/${unique()}`;
    return { ...env, MONGODB_URI: uri.href };
  }
  if (example !== 's3-remote-auth.js') return env;
  const service = await useService('s3');
  const client = s3ClientOf(service);
  // Each test file that runs it finds the bucket there, or makes it.
  await client.send(new CreateBucketCommand({ Bucket: 'example-bucket' }));
  client.destroy();
  return {
    ...env,
    AWS_REGION: service.region,
    AWS_ACCESS_KEY_ID: service.accessKeyId,
    AWS_SECRET_ACCESS_KEY: service.secretAccessKey,
    AWS_ENDPOINT_URL_S3: service.endpoint,
  };
}
