import type { BackedStore } from '../../src/stores/backed-store.js';
import { holdfast, mongo, s3 } from '../built.js';
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
    case 'mongo':
      return new mongo.MongoStore({ mongoose: await connectMongoose(place), ...options });
    case 's3': {
      const s3Client = await openS3Client(place);
      const { bucket: bucketName, prefix: remoteDataPath } = place;
      return new s3.AwsS3Store({ bucketName, remoteDataPath, s3Client, ...options });
    }
  }
}
