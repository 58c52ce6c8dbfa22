import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { S3Commands } from '../../../src/objects/s3/s3-client.js';
import { S3Objects, type S3ObjectsOptions } from '../../../src/objects/s3-objects.js';
import type { S3Service } from '../../services/services.js';

export const s3Commands: S3Commands = {
  put: PutObjectCommand,
  get: GetObjectCommand,
  delete: DeleteObjectCommand,
  list: ListObjectsV2Command,
};

/** As whatsapp-web.js's documentation hands them to a store. */
export const commandOptions = {
  putObjectCommand: PutObjectCommand,
  headObjectCommand: HeadObjectCommand,
  getObjectCommand: GetObjectCommand,
  deleteObjectCommand: DeleteObjectCommand,
};

/** With the SDK's own settings where these say nothing. */
export function s3Client(service: S3Service, settings: S3ClientConfig = {}): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = service;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, ...settings });
}

export async function newBucket(client: S3Client): Promise<string> {
  const bucket = `holdfast-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

export function s3Objects(
  options: Pick<S3ObjectsOptions, 'bucketName' | 'client'> & Partial<S3ObjectsOptions>,
): S3Objects {
  return new S3Objects({
    remoteDataPath: 'bot',
    commands: s3Commands,
    withoutLeases: false,
    ...options,
  });
}

/** Every key of a bucket. */
export async function keysIn(client: S3Client, bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}
