import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type S3Service, useService } from '../../services/services.js';

/** An empty place on a real server, and the environment that its URL is opened in. */
export interface Place {
  url: string;
  env?: NodeJS.ProcessEnv;
}

export const unique = (): string => `place-${randomBytes(6).toString('hex')}`;

/** By the kind of store; each call makes another one. */
export const SERVER_PLACES = {
  mongo: async (): Promise<Place> => {
    const url = new URL((await useService('mongo')).uri);
    url.pathname = `/${unique()}`;
    return { url: url.href };
  },
  s3: async (): Promise<Place> => {
    const service = await useService('s3');
    const { endpoint, region, accessKeyId, secretAccessKey } = service;
    const bucket = await makeBucket(service);
    const url = `s3://${bucket}/sessions?region=${region}&endpoint=${endpoint}`;
    return { url, env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } };
  },
  postgres: async (): Promise<Place> => ({ url: (await useService('postgres')).url }),
  redis: async (): Promise<Place> => ({ url: (await useService('redis')).url }),
};

export type ServerKind = keyof typeof SERVER_PLACES;
export const SERVER_KINDS = Object.keys(SERVER_PLACES) as ServerKind[];

export function s3ClientOf(
  { endpoint, region, ...credentials }: S3Service,
  options: S3ClientConfig = {},
): S3Client {
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, ...options });
}

/** @returns the name of a bucket with nothing in it */
export async function makeBucket(service: S3Service): Promise<string> {
  const Bucket = unique();
  const client = s3ClientOf(service);
  await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  return Bucket;
}
