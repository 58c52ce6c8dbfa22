import { HoldfastError } from '../../errors.js';
import type { IoredisClient, NodeRedisClient } from '../../objects/redis/clients.js';
import type { OwnClient } from '../../objects/redis/own-connection.js';
import { loadClient } from '../load-client.js';

interface Options {
  url: string;
  connectTimeout: number;
}

interface NodeRedis {
  createClient(options: object): NodeRedisClient & {
    connect(): Promise<unknown>;
    /** Since version 5; before, `disconnect` does the same. */
    destroy?(): void;
    disconnect(): Promise<void>;
    ref(): void;
    unref(): void;
  };
}

interface Ioredis {
  Redis: new (
    url: string,
    options: object,
  ) => IoredisClient & {
    stream?: { ref?(): void; unref?(): void };
    disconnect(): void;
  };
}

/**
 * A client of whichever library is installed.
 *
 * @throws {HoldfastError} CLIENT_MISSING
 */
export function makeOwnClient(options: Options): OwnClient {
  const nodeRedis = installed<NodeRedis>('redis');
  if (nodeRedis !== null) return ofNodeRedis(nodeRedis, options);
  const ioredis = installed<Ioredis>('ioredis');
  if (ioredis !== null) return ofIoredis(ioredis, options);
  throw new HoldfastError(
    'CLIENT_MISSING',
    'RedisStore needs the package redis or ioredis, and neither is installed: npm install redis',
  );
}

export function ofNodeRedis({ createClient }: NodeRedis, options: Options): OwnClient {
  const client = createClient({
    url: options.url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false, connectTimeout: options.connectTimeout },
  });
  return {
    client,
    connect: () => client.connect(),
    destroy: () => {
      // It has ended by itself, often.
      if (!client.isOpen) return;
      if (client.destroy) client.destroy();
      else client.disconnect().catch(() => undefined);
    },
    hold: (isHeld) => (isHeld ? client.ref() : client.unref()),
  };
}

export function ofIoredis({ Redis }: Ioredis, options: Options): OwnClient {
  const client = new Redis(options.url, {
    lazyConnect: true,
    connectTimeout: options.connectTimeout,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  });
  // Its `connect` only says that the connection is closed; this says why.
  let reason: Error | undefined;
  client.on('error', (error) => {
    reason ??= error;
  });
  return {
    client,
    connect: () => client.connect().catch((error) => Promise.reject(reason ?? error)),
    destroy: () => client.disconnect(),
    hold: (isHeld) => (isHeld ? client.stream?.ref?.() : client.stream?.unref?.()),
  };
}

function installed<Module>(packageName: string): Module | null {
  try {
    return loadClient<Module>(packageName, 'RedisStore');
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'CLIENT_MISSING') return null;
    throw error;
  }
}
