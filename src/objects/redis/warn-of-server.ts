import { warn } from '../../system/warn.js';
import type { RedisConnection } from './connection.js';
import { info } from './scripts.js';

/**
 * Tells the user when this server would forget sessions: Redis may be set up as a cache. What the
 * server does not let us ask is not told.
 *
 * @param key any of the store's
 */
export async function warnOfServer(
  connection: RedisConnection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const said = await info.run(connection, [key], [], signal).catch(() => null);
  if (said === null) return;
  const settings = new Map(
    String(said)
      .split('\r\n')
      .map((line) => line.split(':') as [string, string]),
  );
  const policy = settings.get('maxmemory_policy') ?? '';
  // The policies named volatile-… take only what has a time to live, which nothing of ours has.
  if (settings.get('maxmemory') !== '0' && policy.startsWith('allkeys-')) {
    warn(
      'REDIS_MAY_EVICT',
      `This Redis server forgets sessions when its memory is full (maxmemory-policy ${policy}). ` +
        'Set maxmemory-policy noeviction.',
    );
  }
  if (settings.get('aof_enabled') === '0' && (await hasNoSavePoints(connection, key, signal))) {
    warn(
      'REDIS_NOT_PERSISTENT',
      'This Redis server keeps nothing on the disk: sessions are lost when it ends. ' +
        'Set appendonly yes.',
    );
  }
}

/** False too where it is not allowed to ask, as with most hosted servers. */
async function hasNoSavePoints(
  connection: RedisConnection,
  firstKey: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const ask = { firstKey, args: ['CONFIG', 'GET', 'save'] };
  const said = await connection.send(ask, signal).catch(() => null);
  return said !== null && String(valuesOf(said).at(-1) ?? '?') === '';
}

/** A list of names and values, or since the third version of the protocol a table. */
function valuesOf(reply: unknown): unknown[] {
  if (Array.isArray(reply)) return reply;
  return reply instanceof Map ? [...reply.values()] : Object.values(reply as object);
}
