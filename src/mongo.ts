export type {
  MongoCollection,
  MongoCursor,
  MongoDatabase,
  Mongoose,
  MongooseConnection,
} from './objects/mongo/mongo-types.js';
export type { MongoStoreOptions } from './stores/mongo-store.js';
export { MongoStore } from './stores/mongo-store.js';
