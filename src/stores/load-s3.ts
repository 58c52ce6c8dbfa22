import type { S3ClientLike, S3Commands } from '../objects/s3/s3-client.js';
import type { AwsS3StoreOptions } from './aws-s3-store.js';
import { loadClient } from './load-client.js';

/** What is taken from `@aws-sdk/client-s3`. */
interface S3Package {
  S3Client: new (configuration: S3Configuration) => S3ClientLike & { destroy(): void };
  PutObjectCommand: S3Commands['put'];
  GetObjectCommand: S3Commands['get'];
  DeleteObjectCommand: S3Commands['delete'];
  ListObjectsV2Command: S3Commands['list'];
}

interface S3Configuration {
  region?: string;
  endpoint?: string;
  forcePathStyle?: boolean;
  maxAttempts: number;
  requestChecksumCalculation: 'WHEN_REQUIRED';
  responseChecksumValidation: 'WHEN_REQUIRED';
}

export interface LoadedS3 {
  client: S3ClientLike;
  commands: S3Commands;
  /** Ends a client of the store's own. */
  onClose?: () => void;
}

/** The client and commands that the store was given, and the SDK's. @throws CLIENT_MISSING */
export function loadS3(options: AwsS3StoreOptions): LoadedS3 {
  let loaded: S3Package | undefined;
  const sdk = () => {
    loaded ??= loadClient<S3Package>('@aws-sdk/client-s3', 'AwsS3Store');
    return loaded;
  };
  const commands = {
    put: options.putObjectCommand ?? sdk().PutObjectCommand,
    get: options.getObjectCommand ?? sdk().GetObjectCommand,
    delete: options.deleteObjectCommand ?? sdk().DeleteObjectCommand,
    list: options.listObjectsV2Command ?? sdk().ListObjectsV2Command,
  };
  if (options.s3Client !== undefined) return { client: options.s3Client, commands };
  const client = new (sdk().S3Client)(configurationOf(options));
  return { client, commands, onClose: () => client.destroy() };
}

function configurationOf({ region, endpoint, forcePathStyle }: AwsS3StoreOptions): S3Configuration {
  const inPath = forcePathStyle ?? (endpoint === undefined ? undefined : true);
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(inPath !== undefined && { forcePathStyle: inPath }),
    // Requests are repeated by the store, which looks at a cell before it swaps it again.
    maxAttempts: 1,
    // Services other than AWS know not all of the SDK's checksums. What is sent is covered by the
    // signature, and what is kept by checksums of its own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}
