/** What Holdfast needs of a client of `redis` (node-redis 4 or newer): `createClient`, `createCluster`. */
export interface NodeRedisClient extends Emitter {
  readonly isOpen: boolean;
  sendCommand(...args: never[]): Promise<unknown>;
}

/** What Holdfast needs of a client of `ioredis` (5 or newer): `Redis`, `Cluster`. */
export interface IoredisClient extends Emitter {
  readonly status: string;
  connect(): Promise<unknown>;
  callBuffer(...args: never[]): Promise<unknown>;
}

interface Emitter {
  on(event: string, listener: (error: Error) => void): unknown;
  removeListener(event: string, listener: (error: Error) => void): unknown;
}

export type RedisClient = NodeRedisClient | IoredisClient;

export function isIoredis(client: RedisClient): client is IoredisClient {
  return 'callBuffer' in client;
}

export function isRedisClient(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { on, callBuffer, sendCommand } = value as Record<string, unknown>;
  return [on, callBuffer ?? sendCommand].every((method) => typeof method === 'function');
}
