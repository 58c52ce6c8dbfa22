export type {
  S3ClientLike,
  S3CommandClass,
  S3GetInput,
  S3ListInput,
  S3ObjectInput,
  S3PutInput,
} from './objects/s3/s3-client.js';
export type { AwsS3StoreOptions } from './stores/aws-s3-store.js';
export { AwsS3Store } from './stores/aws-s3-store.js';
