import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { givenService } from '../../test/services/given.js';
import { startService } from '../../test/services/start-service.js';
import { openS3Client } from '../stores/clients.js';
import type { S3Place } from '../stores/store-place.js';
import type { Server } from './server.js';

export async function openS3Server(): Promise<Server> {
  const { service, stop } = await startService('s3');
  const client = await openS3Client(service);
  const bucket = `holdfast-bench-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  let places = 0;
  return {
    newPlace: (): S3Place => ({ kind: 's3', ...service, bucket, prefix: `place-${++places}` }),
    async close() {
      if (givenService('s3')) await remove(client, bucket);
      client.destroy();
      await stop();
    },
  };
}

async function remove(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    if (Contents.length === 0) break;
    for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
