import { HoldfastError } from '../../errors.js';
import type { RedisClient } from './clients.js';
import type { OwnClient, RedisCommand, RedisConnection } from './connection.js';
import { duplicateOfIoredis } from './ioredis.js';
import { duplicateOfNodeRedis } from './node-redis.js';
import { isReply } from './redis-errors.js';

interface Opened {
  client: OwnClient;
  connected: Promise<unknown>;
  /** How to end the requests that are under way. */
  underWay: Set<(reason: unknown) => void>;
}

/**
 * A connection of our own, like that of a client, made when it is needed and thrown away when it
 * fails or does not answer. The client itself is not used: it would do later what it could not do at
 * once, a deletion too, when nobody expects it any more; what others ask would have to wait behind
 * it on a line that went dead; and node-redis 4, when it connects again after a part of an answer,
 * takes the following ones apart at wrong places.
 */
export class OwnConnection implements RedisConnection {
  readonly #make: () => RedisClient;
  #opened: Opened | null = null;
  #isClosed = false;

  /** @param make gives a client like which to connect; it stays as it is */
  constructor(make: () => RedisClient) {
    this.#make = make;
  }

  async send(command: RedisCommand, signal?: AbortSignal): Promise<unknown> {
    if (this.#isClosed) {
      throw new HoldfastError('STORE_UNUSABLE', 'This RedisStore has been closed.');
    }
    signal?.throwIfAborted();
    this.#opened ??= this.#open();
    const opened = this.#opened;
    const giveUp = () => {
      // Not when the caller wants it no more: others use the connection too.
      if (signal?.reason instanceof HoldfastError) this.#drop(opened, signal.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await this.#ask(opened, command, signal);
    } catch (error) {
      if (!isReply(error) && !signal?.aborted) this.#drop(opened, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#opened) this.#drop(this.#opened, new Error('The store has been closed.'));
  }

  /** Ends with the connection also where the library forgets what was under way: ioredis's cluster. */
  async #ask(opened: Opened, command: RedisCommand, signal?: AbortSignal): Promise<unknown> {
    const { client, connected, underWay } = opened;
    let end: (reason: unknown) => void = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        end = reject;
        underWay.add(end);
        client.hold(true);
        connected
          .then(() => {
            signal?.throwIfAborted();
            return client.send(command);
          })
          .then(resolve, reject);
      });
    } finally {
      underWay.delete(end);
      client.hold(underWay.size > 0);
    }
  }

  #open(): Opened {
    const like = this.#make();
    const client = 'callBuffer' in like ? duplicateOfIoredis(like) : duplicateOfNodeRedis(like);
    const opened: Opened = { client, connected: Promise.resolve(), underWay: new Set() };
    client.onLost((error) => this.#drop(opened, error ?? new Error('The connection was lost.')));
    opened.connected = client.connect().then(() => client.hold(opened.underWay.size > 0));
    // Handled where it is waited for.
    opened.connected.catch(() => undefined);
    return opened;
  }

  #drop(opened: Opened, reason: unknown): void {
    if (this.#opened === opened) this.#opened = null;
    for (const end of opened.underWay) end(reason);
    opened.client.destroy();
  }
}
