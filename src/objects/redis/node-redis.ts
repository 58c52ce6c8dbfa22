import type { OwnClient, RedisCommand } from './connection.js';

interface Client {
  readonly isOpen: boolean;
  readonly options?: { socket?: object };
  duplicate(overrides?: object): Client;
  connect(): Promise<unknown>;
  sendCommand(args: RedisCommand['args'], options: object): Promise<unknown>;
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    args: RedisCommand['args'],
    options: object,
  ): Promise<unknown>;
  on(event: string, listener: (error?: Error) => void): unknown;
  /** Since version 5; before, `disconnect` does the same. */
  destroy?(): void;
  disconnect(): unknown;
  /** A cluster has neither. */
  ref?(): void;
  unref?(): void;
}

/** How version 4 is told to give Buffers, and how the ones after it; 36 is `$`, a text. */
const IN_BUFFERS = { returnBuffers: true, typeMapping: { 36: Buffer } };

/** @param client of node-redis, whichever version */
export function duplicateOfNodeRedis(client: unknown): OwnClient {
  const given = client as Client;
  if (isCluster(given)) return ofNodeRedis(given.duplicate());
  const socket = { ...given.options?.socket, reconnectStrategy: false };
  return ofNodeRedis(given.duplicate({ legacyMode: false, disableOfflineQueue: true, socket }));
}

function ofNodeRedis(client: Client): OwnClient {
  return {
    connect: () => client.connect(),
    // A replica, which may be behind, is never asked.
    send: async ({ firstKey, args }) =>
      isCluster(client)
        ? client.sendCommand(firstKey, false, args, IN_BUFFERS)
        : client.sendCommand(args, IN_BUFFERS),
    destroy: () => {
      if (!client.isOpen) return;
      if (client.destroy) client.destroy();
      else Promise.resolve(client.disconnect()).catch(() => undefined);
    },
    hold: (isHeld) => (isHeld ? client.ref?.() : client.unref?.()),
    onLost: (lost) => {
      for (const event of ['error', 'end']) client.on(event, lost);
    },
  };
}

function isCluster(client: Client): boolean {
  return 'slots' in client && 'masters' in client;
}
