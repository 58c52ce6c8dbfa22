import { HoldfastError } from '../../errors.js';
import type { RedisClient } from './clients.js';
import type { RedisAdapter, RedisCommand, RedisConnection } from './connection.js';
import { adapterFor } from './given-connection.js';
import { isReply } from './redis-errors.js';

/** A client that does not connect again and keeps no command for later. */
export interface OwnClient {
  client: RedisClient;
  /** Rejects with the reason. */
  connect(): Promise<unknown>;
  destroy(): void;
  /** Whether node stays for it. */
  hold(isHeld: boolean): void;
}

interface Opened {
  own: OwnClient;
  ready: Promise<RedisAdapter>;
  underWay: number;
}

/**
 * A connection of our own, made when it is needed, and thrown away when it fails or does not answer:
 * the next request has a new one, and nothing of an old one is done later.
 */
export class OwnConnection implements RedisConnection {
  readonly #make: () => OwnClient;
  #opened: Opened | null = null;
  #isClosed = false;

  constructor(make: () => OwnClient) {
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
      if (signal?.reason instanceof HoldfastError) this.#drop(opened);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#count(opened, 1);
    try {
      const adapter = await opened.ready;
      signal?.throwIfAborted();
      return await adapter.send(command);
    } catch (error) {
      if (!isReply(error) && !signal?.aborted) this.#drop(opened);
      throw error;
    } finally {
      this.#count(opened, -1);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#opened) this.#drop(this.#opened);
  }

  #open(): Opened {
    const own = this.#make();
    const { client } = own;
    const ready = own.connect().then(() => {
      opened.own.hold(opened.underWay > 0);
      return adapterFor(client);
    });
    const opened: Opened = { own, ready, underWay: 0 };
    // Handled where it is waited for.
    ready.catch(() => undefined);
    for (const event of ['error', 'end', 'close']) client.on(event, () => this.#drop(opened));
    return opened;
  }

  #drop(opened: Opened): void {
    if (this.#opened === opened) this.#opened = null;
    opened.own.destroy();
  }

  #count(opened: Opened, change: number): void {
    opened.underWay += change;
    opened.own.hold(opened.underWay > 0);
  }
}
