import type { S3Client } from '@aws-sdk/client-s3';
import type { Mongoose } from 'mongoose';
import type { S3Service } from '../../test/services/service-types.js';
import type { MongoPlace } from './store-place.js';

/** The same for every store on MongoDB, as whatsapp-web.js's documentation has it. */
export async function connectMongoose({ uri, database }: MongoPlace): Promise<Mongoose> {
  const { default: mongoose } = await import('mongoose');
  return mongoose.connect(uri, { dbName: database });
}

/** The same for every store on S3. */
export async function openS3Client(service: S3Service): Promise<S3Client> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  const { endpoint, region, accessKeyId, secretAccessKey } = service;
  return new Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // By default the SDK sends a stream with a checksum behind it, which Ceph 16 refuses.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
