import { type Check, checkOptions, isBoolean, isText } from '../check-options.js';
import { HoldfastError } from '../errors.js';
import { limitRequests } from '../objects/requests/limit-requests.js';
import type {
  S3ClientLike,
  S3CommandClass,
  S3GetInput,
  S3ListInput,
  S3ObjectInput,
  S3PutInput,
} from '../objects/s3/s3-client.js';
import { S3Objects } from '../objects/s3-objects.js';
import { warn } from '../system/warn.js';
import { BackedStore, REMOTE_STORE_CHECKS, type RemoteStoreOptions } from './backed-store.js';
import { loadS3 } from './load-s3.js';

/**
 * The first seven are those of wwebjs-aws-s3. What is not given of the client and its commands is
 * taken from the package `@aws-sdk/client-s3`.
 */
export interface AwsS3StoreOptions extends RemoteStoreOptions {
  bucketName: string;
  /**
   * What the keys begin with, like a folder. What is in another store's folder is that store's:
   * give each its own, not one within the other. Default: none.
   */
  remoteDataPath?: string | undefined;
  /** An `S3Client`. It stays open when the store is closed. Default: one of the store's own. */
  s3Client?: S3ClientLike | undefined;
  /** The class `PutObjectCommand`. */
  putObjectCommand?: S3CommandClass<S3PutInput> | undefined;
  /** The class `HeadObjectCommand`; it is not needed. */
  headObjectCommand?: S3CommandClass<S3ObjectInput> | undefined;
  /** The class `GetObjectCommand`. */
  getObjectCommand?: S3CommandClass<S3GetInput> | undefined;
  /** The class `DeleteObjectCommand`. */
  deleteObjectCommand?: S3CommandClass<S3ObjectInput> | undefined;
  /** The class `ListObjectsV2Command`. */
  listObjectsV2Command?: S3CommandClass<S3ListInput> | undefined;
  /** Of the store's own client. Default: what the SDK finds, such as `AWS_REGION`. */
  region?: string | undefined;
  /** The URL of another service than AWS, for the store's own client. */
  endpoint?: string | undefined;
  /**
   * Whether the bucket stands in the path of URLs, not in their host, for the store's own client.
   * Default: with an `endpoint`, yes.
   */
  forcePathStyle?: boolean | undefined;
  /**
   * For a service without conditional writes. Nothing then keeps two processes from using one
   * session at once: each believes that it holds it, the one that saves last wins, and WhatsApp may
   * end the session. See to it yourself that a session is in use in one place only. Default: false.
   */
  withoutLeases?: boolean | undefined;
}

const OF_OWN_CLIENT = ['region', 'endpoint', 'forcePathStyle'] as const;

const isName: Check = [(value) => typeof value === 'string' && value !== '', 'a name'];
const isUrl: Check = [
  (value) => typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value),
  'a URL, such as https://host',
];
const isClient: Check = [
  (value) => typeof (value as { send?: unknown } | null)?.send === 'function',
  'an S3Client of @aws-sdk/client-s3',
];
const isCommand: Check = [
  (value) => typeof value === 'function',
  'a command class of @aws-sdk/client-s3',
];

const CHECKS: Record<Exclude<keyof AwsS3StoreOptions, keyof RemoteStoreOptions>, Check> = {
  bucketName: isName,
  remoteDataPath: isText,
  s3Client: isClient,
  putObjectCommand: isCommand,
  headObjectCommand: isCommand,
  getObjectCommand: isCommand,
  deleteObjectCommand: isCommand,
  listObjectsV2Command: isCommand,
  region: isName,
  endpoint: isUrl,
  forcePathStyle: isBoolean,
  withoutLeases: isBoolean,
};

/**
 * Keeps sessions in a bucket of AWS S3, or of a service like it that has conditional writes. It is
 * made as the store of wwebjs-aws-s3 is, and takes over what that has left.
 *
 * Credentials need `s3:GetObject`, `s3:PutObject` and `s3:DeleteObject` on
 * `arn:aws:s3:::<bucket>/<remoteDataPath>/*`, and `s3:ListBucket` on `arn:aws:s3:::<bucket>`.
 *
 * @example
 * const store = new AwsS3Store({ bucketName: 'sessions', remoteDataPath: 'bot' });
 */
export class AwsS3Store extends BackedStore {
  /** @throws {HoldfastError} INVALID_OPTION, INCOMPATIBLE_OPTIONS, INVALID_KEY, CLIENT_MISSING */
  constructor(options: AwsS3StoreOptions) {
    check(options);
    const { bucketName, remoteDataPath = '', withoutLeases = false } = options;
    const { client, commands, onClose } = loadS3(options);
    const objects = new S3Objects({
      bucketName,
      remoteDataPath,
      client,
      commands,
      withoutLeases,
      onClose,
    });
    super(limitRequests(objects, options.requests), options);
    if (withoutLeases) {
      warn(
        'WITHOUT_LEASES',
        `The store in the bucket ${bucketName} keeps no two processes from using one session at ` +
          'once. See to it that a session is in use in one place only.',
      );
    }
  }
}

function check(options: AwsS3StoreOptions): void {
  checkOptions('AwsS3Store.', options, { ...REMOTE_STORE_CHECKS, ...CHECKS });
  if (options.bucketName === undefined) {
    throw new HoldfastError(
      'INVALID_OPTION',
      'AwsS3Store needs a bucket: new AwsS3Store({ bucketName: "sessions" }).',
    );
  }
  const useless = OF_OWN_CLIENT.find((name) => options[name] !== undefined);
  if (options.s3Client !== undefined && useless !== undefined) {
    throw new HoldfastError(
      'INCOMPATIBLE_OPTIONS',
      `The option AwsS3Store.${useless} is for a client of the store's own, but it was given an ` +
        's3Client: give that to the client, or leave the client out.',
    );
  }
}
