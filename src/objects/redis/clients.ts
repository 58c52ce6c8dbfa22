/**
 * What Holdfast needs of a client of `redis` (node-redis 4 or newer): of `createClient` or
 * `createCluster`. It need not be connected.
 */
export interface NodeRedisClient {
  duplicate(...overrides: never[]): unknown;
  sendCommand(...args: never[]): unknown;
}

/** What Holdfast needs of a client of `ioredis` (5 or newer): `Redis` or `Cluster`. */
export interface IoredisClient {
  duplicate(...overrides: never[]): unknown;
  callBuffer(...args: never[]): unknown;
}

export type RedisClient = NodeRedisClient | IoredisClient;

export function isRedisClient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { duplicate, callBuffer, sendCommand } = value as Record<string, unknown>;
  return [duplicate, callBuffer ?? sendCommand].every((method) => typeof method === 'function');
}
