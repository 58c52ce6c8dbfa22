import { HoldfastError } from '../errors.js';
import { AwsS3Store } from './aws-s3-store.js';
import type { BackedStore, RemoteStoreOptions } from './backed-store.js';
import { FileStore } from './file-store.js';
import { MongoStore } from './mongo-store.js';
import { PostgresStore } from './postgres-store.js';
import { RedisStore } from './redis-store.js';
import { partsOfS3Url, pathOfFileUrl, schemeOf } from './store-url.js';

interface Scheme {
  /** For messages. */
  form: string;
  open(url: string, options: RemoteStoreOptions): BackedStore;
}

const FILE: Scheme = {
  form: 'file:./sessions',
  // There are no requests to bound.
  open: (url, { requests, ...options }) => new FileStore({ path: pathOfFileUrl(url), ...options }),
};
const MONGO: Scheme = {
  form: 'mongodb://host/database',
  open: (uri, options) => new MongoStore({ uri, ...options }),
};
const S3: Scheme = {
  form: 's3://bucket/prefix?region=',
  open: (url, options) => new AwsS3Store({ ...partsOfS3Url(url), ...options }),
};
const POSTGRES: Scheme = {
  form: 'postgres://host/database',
  open: (connectionString, options) => new PostgresStore({ connectionString, ...options }),
};
const REDIS: Scheme = {
  form: 'redis://host',
  open: (url, options) => new RedisStore({ url, ...options }),
};

const SCHEMES = new Map<string | null, Scheme>([
  ['file', FILE],
  ['mongodb', MONGO],
  ['mongodb+srv', MONGO],
  ['s3', S3],
  ['postgres', POSTGRES],
  ['postgresql', POSTGRES],
  ['redis', REDIS],
  ['rediss', REDIS],
]);

/**
 * Opens the store of a URL: `file:./sessions`, `mongodb://host/database`, `mongodb+srv://…`,
 * `s3://bucket/prefix?region=&endpoint=`, `postgres://host/database`, `redis://host`. No request is
 * made yet. Close it in the end: it has connections of its own.
 *
 * User and password stand in the URL, or where each client's users put them: `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and the AWS SDK's other places; `PGUSER`, `PGPASSWORD` and
 * the like.
 *
 * @throws {HoldfastError} INVALID_OPTION, INVALID_KEY, CLIENT_MISSING
 *
 * @example
 * const store = openStore(process.env.HOLDFAST_STORE ?? 'file:./sessions');
 */
export function openStore(url: string, options: RemoteStoreOptions = {}): BackedStore {
  const name = schemeOf(url);
  const scheme = SCHEMES.get(name);
  if (scheme) return scheme.open(url, options);
  const forms = [...new Set(SCHEMES.values())].map(({ form }) => form);
  throw new HoldfastError(
    'INVALID_OPTION',
    name === null
      ? 'A store is given by a URL; for a folder write file: in front of its path.'
      : `The store is given with the scheme "${name}:", which is not known. Known: ${forms.join(', ')}.`,
  );
}
