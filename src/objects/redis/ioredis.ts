import { HoldfastError } from '../../errors.js';
import type { IoredisClient } from './clients.js';
import type { RedisAdapter, RedisCommand } from './connection.js';
import { untilReady } from './until-ready.js';

export class IoredisAdapter implements RedisAdapter {
  readonly #client: IoredisClient;
  #connecting: Promise<void> | null = null;

  /** @throws {HoldfastError} INVALID_OPTION */
  constructor(client: IoredisClient & { options?: { scaleReads?: unknown } }) {
    if ((client.options?.scaleReads ?? 'master') !== 'master') {
      throw new HoldfastError(
        'INVALID_OPTION',
        'RedisStore needs a Cluster whose scaleReads is "master": a replica may be behind.',
      );
    }
    this.#client = client;
  }

  async ready(): Promise<void> {
    if (this.#client.status === 'ready') return;
    if (this.#client.status === 'end') {
      throw new HoldfastError('STORE_UNUSABLE', 'The Redis client has been closed.');
    }
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  send({ args }: RedisCommand): Promise<unknown> {
    const call = this.#client.callBuffer as (...args: RedisCommand['args']) => Promise<unknown>;
    return call.apply(this.#client, args);
  }

  #connect(): Promise<void> {
    const ready = untilReady(this.#client);
    // With `lazyConnect` it is the first command that connects; what fails, its events say.
    if (this.#client.status === 'wait') this.#client.connect().catch(() => undefined);
    return ready;
  }
}
