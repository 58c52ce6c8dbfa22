import type { OwnClient, RedisCommand } from './connection.js';

interface Client {
  readonly options?: { scaleReads?: unknown; redisOptions?: object };
  readonly stream?: { ref?(): void; unref?(): void } | null;
  readonly isCluster?: boolean;
  duplicate(overrides: object): Client;
  duplicate(startupNodes: [], overrides: object): Client;
  connect(): Promise<unknown>;
  callBuffer(...args: RedisCommand['args']): Promise<unknown>;
  on(event: string, listener: (error?: Error) => void): unknown;
  disconnect(): void;
}

const NOTHING_LATER = { autoResendUnfulfilledCommands: false };

/** @param client of ioredis, whichever version */
export function duplicateOfIoredis(client: unknown): OwnClient {
  const given = client as Client;
  if (given.isCluster) return ofIoredis(duplicateOfCluster(given));
  return ofIoredis(
    given.duplicate({
      ...NOTHING_LATER,
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: () => null,
    }),
  );
}

function duplicateOfCluster(given: Client): Client {
  return given.duplicate([], {
    lazyConnect: true,
    clusterRetryStrategy: () => null,
    // A replica, which may be behind, is never asked.
    scaleReads: 'master',
    redisOptions: { ...given.options?.redisOptions, ...NOTHING_LATER },
  });
}

function ofIoredis(client: Client): OwnClient {
  return {
    // Why it fails, its event says, and sooner.
    connect: () => client.connect(),
    send: ({ args }) => client.callBuffer(...args),
    destroy: () => client.disconnect(),
    hold: (isHeld) => (isHeld ? client.stream?.ref?.() : client.stream?.unref?.()),
    onLost: (lost) => {
      for (const event of ['error', 'close', 'end']) client.on(event, lost);
    },
  };
}
