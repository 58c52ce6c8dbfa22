import type { Store } from 'whatsapp-web.js';
import { connectMongoose, openS3Client } from './clients.js';
import { folderStore } from './folder-store.js';
import type { MongoPlace, S3Place, StorePlace } from './store-place.js';

/** What whatsapp-web.js's users have for a place; on MongoDB it is connected. */
export async function openCommunityStore(place: StorePlace, dataPath: string): Promise<Store> {
  switch (place.kind) {
    case 'folder':
      return folderStore(place.path, dataPath);
    case 'mongo':
      return openWwebjsMongo(place);
    case 's3':
      return openWwebjsAwsS3(place);
  }
}

// Neither package has types of its own classes.

async function openWwebjsMongo(place: MongoPlace): Promise<Store> {
  const { MongoStore } = (await import('wwebjs-mongo')) as {
    MongoStore: new (options: { mongoose: unknown }) => Store;
  };
  return new MongoStore({ mongoose: await connectMongoose(place) });
}

async function openWwebjsAwsS3(place: S3Place): Promise<Store> {
  const { AwsS3Store } = (await import('wwebjs-aws-s3')) as {
    AwsS3Store: new (options: Record<string, unknown>) => Store;
  };
  const commands = await import('@aws-sdk/client-s3');
  return new AwsS3Store({
    bucketName: place.bucket,
    remoteDataPath: place.prefix,
    s3Client: await openS3Client(place),
    putObjectCommand: commands.PutObjectCommand,
    headObjectCommand: commands.HeadObjectCommand,
    getObjectCommand: commands.GetObjectCommand,
    deleteObjectCommand: commands.DeleteObjectCommand,
  });
}
