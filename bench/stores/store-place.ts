import type { S3Service } from '../../test/services/service-types.js';

/** Where a store keeps things, so that it can be told to a worker. */
export type StorePlace = FolderPlace | MongoPlace | S3Place;

export interface FolderPlace {
  kind: 'folder';
  path: string;
}

export interface MongoPlace {
  kind: 'mongo';
  uri: string;
  database: string;
}

export interface S3Place extends S3Service {
  kind: 's3';
  bucket: string;
  prefix: string;
}

const VARIABLE = 'BENCH_STORE';

export function environmentFor(place: StorePlace): NodeJS.ProcessEnv {
  return { [VARIABLE]: JSON.stringify(place) };
}

/** The place that this worker was told. */
export function toldPlace(): StorePlace {
  return JSON.parse(process.env[VARIABLE] ?? 'null');
}
