// What is used of MongoDB's driver and of mongoose, and no more, so that the types of every version
// of theirs fit, and none of theirs is needed to compile.

/** The driver's `Db`, such as `client.db('bots')`. */
export interface MongoDatabase {
  readonly databaseName: string;
  collection(name: string, options?: object): MongoCollection;
  listCollections(filter?: object, options?: object): MongoCursor;
}

export interface MongoCollection {
  insertOne(document: object, options?: object): Promise<unknown>;
  updateOne(filter: object, update: object, options?: object): Promise<{ matchedCount: number }>;
  findOne(filter: object, options?: object): Promise<unknown>;
  find(filter: object, options?: object): MongoCursor;
  deleteMany(filter: object, options?: object): Promise<unknown>;
  drop(): Promise<unknown>;
}

export interface MongoCursor {
  toArray(): Promise<unknown[]>;
}

/** One connection of mongoose: `mongoose.connection`, or what `createConnection()` gives. */
export interface MongooseConnection {
  /** 0 is not connected, 1 connected, 2 connecting, 3 disconnecting. */
  readonly readyState: number;
  readonly db?: MongoDatabase | undefined;
  asPromise(): Promise<unknown>;
}

/** mongoose itself, whose connection is the one that `mongoose.connect()` opens. */
export interface Mongoose {
  readonly connection: MongooseConnection;
}

/** The driver's `MongoClient`. */
export interface MongoClient {
  connect(): Promise<unknown>;
  db(name?: string): MongoDatabase;
  close(): Promise<void>;
}

export type MongoClientClass = new (uri: string, options: object) => MongoClient;
