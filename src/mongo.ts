export type { ErrorCode, HoldfastErrorOptions } from './errors.js';
export { HoldfastError } from './errors.js';
export type {
  MongoCollection,
  MongoCursor,
  MongoDatabase,
  Mongoose,
  MongooseConnection,
} from './objects/mongo/mongo-types.js';
export type { RequestLimits } from './objects/requests/request-limits.js';
export type {
  EncryptionKey,
  KeyContext,
  KeyWrapper,
  PassphraseKey,
} from './snapshot/encryption-key.js';
export type { Retention } from './snapshot/retention.js';
export type { MongoStoreOptions } from './stores/mongo-store.js';
export { MongoStore } from './stores/mongo-store.js';
