import { HoldfastError } from '../../errors.js';
import type { NodeRedisClient } from './clients.js';
import type { RedisAdapter, RedisCommand } from './connection.js';
import { untilReady } from './until-ready.js';

/** How version 4 is told to give Buffers, and how the ones after it; 36 is `$`, a text. */
const OPTIONS = { returnBuffers: true, typeMapping: { 36: Buffer } };

type SendToClient = (args: RedisCommand['args'], options: object) => Promise<unknown>;
type SendToCluster = (
  firstKey: string,
  isReadonly: boolean,
  args: RedisCommand['args'],
  options: object,
) => Promise<unknown>;

export class NodeRedisAdapter implements RedisAdapter {
  readonly #client: NodeRedisClient & { isReady?: boolean };
  #connecting: Promise<void> | null = null;

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  async ready(): Promise<void> {
    if (!this.#client.isOpen) {
      throw new HoldfastError(
        'STORE_UNUSABLE',
        'The Redis client is not connected: `await client.connect()` before the store is used, and ' +
          'close it after.',
      );
    }
    // A cluster connects to its servers as they are needed.
    if (this.#client.isReady ?? true) return;
    this.#connecting ??= untilReady(this.#client).finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  send({ firstKey, args }: RedisCommand): Promise<unknown> {
    const { sendCommand } = this.#client;
    // A replica, which may be behind, is never asked.
    return this.#isCluster()
      ? (sendCommand as SendToCluster).call(this.#client, firstKey, false, args, OPTIONS)
      : (sendCommand as SendToClient).call(this.#client, args, OPTIONS);
  }

  #isCluster(): boolean {
    return 'slots' in this.#client && 'masters' in this.#client;
  }
}
