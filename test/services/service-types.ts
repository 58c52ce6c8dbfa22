export interface MongoService {
  uri: string;
}

/** Buckets are the caller's to make. Clients need `forcePathStyle: true`. */
export interface S3Service {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** A superuser of a cluster of its own. */
export interface PostgresService {
  url: string;
}

/** In transaction mode, before the cluster of `postgres`. */
export interface PgBouncerService {
  url: string;
}

export interface RedisService {
  url: string;
}

export interface Services {
  mongo: MongoService;
  s3: S3Service;
  postgres: PostgresService;
  pgbouncer: PgBouncerService;
  redis: RedisService;
}

export type ServiceName = keyof Services;
