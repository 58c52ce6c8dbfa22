import { isIoredis, type RedisClient } from './clients.js';
import type { RedisAdapter, RedisCommand, RedisConnection } from './connection.js';
import { IoredisAdapter } from './ioredis.js';
import { NodeRedisAdapter } from './node-redis.js';

export function adapterFor(client: RedisClient): RedisAdapter {
  return isIoredis(client) ? new IoredisAdapter(client) : new NodeRedisAdapter(client);
}

/** The program's client. It connects again by itself, and is never closed. */
export class GivenConnection implements RedisConnection {
  readonly #client: RedisClient;
  readonly #adapter: RedisAdapter;

  constructor(client: RedisClient) {
    this.#client = client;
    this.#adapter = adapterFor(client);
    // A lost connection that nobody listens for would end the process.
    client.on('error', ignore);
  }

  async send(command: RedisCommand, signal?: AbortSignal): Promise<unknown> {
    await this.#adapter.ready();
    signal?.throwIfAborted();
    return this.#adapter.send(command);
  }

  async close(): Promise<void> {
    this.#client.removeListener('error', ignore);
  }
}

function ignore(): void {}
