export type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
} from './objects/postgres/pool.js';
export type { PostgresStoreOptions } from './stores/postgres-store.js';
export { PostgresStore } from './stores/postgres-store.js';
