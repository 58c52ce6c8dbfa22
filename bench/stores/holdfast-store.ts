import type * as Mongo from '../../src/mongo.js';
import type * as S3 from '../../src/s3.js';
import type { BackedStore } from '../../src/stores/backed-store.js';
import { holdfast, load } from '../built.js';
import { connectMongoose, openS3Client } from './clients.js';
import type { StorePlace } from './store-place.js';

/** What a store needs for whatsapp-web.js's RemoteAuth. */
export interface ArchiveOptions {
  encryptionKey?: Buffer;
  dataPath?: string;
}

/** Holdfast's store for a place; on MongoDB it is connected. */
export async function openHoldfastStore(
  place: StorePlace,
  options: ArchiveOptions = {},
): Promise<BackedStore> {
  switch (place.kind) {
    case 'folder':
      return new holdfast.FileStore({ path: place.path, ...options });
    case 'mongo': {
      const { MongoStore } = load<typeof Mongo>('mongo.js');
      return new MongoStore({ mongoose: await connectMongoose(place), ...options });
    }
    case 's3': {
      const { AwsS3Store } = load<typeof S3>('s3.js');
      const s3Client = await openS3Client(place);
      const { bucket: bucketName, prefix: remoteDataPath } = place;
      return new AwsS3Store({ bucketName, remoteDataPath, s3Client, ...options });
    }
  }
}
