import type { RedisClient } from './clients.js';

/** Resolves when a client that is connecting is connected; rejects when that fails or it is ended. */
export function untilReady(client: RedisClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      for (const [event, listener] of Object.entries(listeners)) {
        client.removeListener(event, listener);
      }
      if (error === undefined) resolve();
      else reject(error);
    };
    const listeners: Record<string, (error?: Error) => void> = {
      ready: () => settle(),
      error: (error) => settle(error),
      close: () => settle(new Error('The connection was closed.')),
      end: () => settle(new Error('The connection was closed.')),
    };
    for (const [event, listener] of Object.entries(listeners)) client.on(event, listener);
  });
}
