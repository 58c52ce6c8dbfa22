import type { PostgresClient, PostgresPool } from './pool.js';

/**
 * Does work on one connection of a pool. When the signal aborts, or after any error, the connection
 * is closed: what is still on its way on it must not be taken for the answer to the next request.
 */
export async function withClient<T>(
  pool: PostgresPool,
  signal: AbortSignal | undefined,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await borrow(pool, signal);
  let isReleased = false;
  const release = (destroy: boolean) => {
    if (isReleased) return;
    isReleased = true;
    client.release(destroy);
  };
  const giveUp = () => release(true);
  signal?.addEventListener('abort', giveUp, { once: true });
  // A connection that ends while it is in use says so by this event too, and ends the process when
  // nobody listens.
  client.on('error', ignore);
  try {
    const result = await work(client);
    release(false);
    return result;
  } catch (error) {
    release(true);
    throw signal?.aborted ? signal.reason : error;
  } finally {
    client.removeListener('error', ignore);
    signal?.removeEventListener('abort', giveUp);
  }
}

function borrow(pool: PostgresPool, signal: AbortSignal | undefined): Promise<PostgresClient> {
  if (signal === undefined) return pool.connect();
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    pool.connect().then(
      (client) => {
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) client.release();
        else resolve(client);
      },
      (error) => {
        signal.removeEventListener('abort', giveUp);
        reject(error);
      },
    );
  });
}

function ignore(): void {}
