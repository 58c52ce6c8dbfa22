import { createHash } from 'node:crypto';
import type { RedisConnection } from './connection.js';
import { replyCodeOf } from './redis-errors.js';

/** What is done on the server at once, wholly or not at all. It touches only the keys it is given. */
export class Script {
  readonly #lua: string;
  readonly sha: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  /** The server keeps scripts until it is started again. */
  async run(
    connection: RedisConnection,
    keys: readonly [string, ...string[]],
    args: readonly (string | Buffer)[],
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const [firstKey] = keys;
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await connection.send({ firstKey, args: ['EVALSHA', this.sha, ...rest] }, signal);
    } catch (error) {
      if (replyCodeOf(error) !== 'NOSCRIPT') throw error;
      return connection.send({ firstKey, args: ['EVAL', this.#lua, ...rest] }, signal);
    }
  }
}

/** KEYS: object. ARGV: first byte, last byte; nothing between them when the last is before. */
export const getRange = new Script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
if tonumber(ARGV[2]) < tonumber(ARGV[1]) then return '' end
return redis.call('GETRANGE', KEYS[1], ARGV[1], ARGV[2])
`);

/** KEYS: object, index, sizes. ARGV: key, bytes. */
export const put = new Script(`
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], #ARGV[2])
`);

/** KEYS: index, sizes. ARGV: from, to, how many. */
export const listPage = new Script(`
local keys = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
if #keys == 0 then return { {}, {} } end
return { keys, redis.call('HMGET', KEYS[2], unpack(keys)) }
`);

/** KEYS: index, sizes, everything that is to go. ARGV: the keys as they are in the index. */
export const remove = new Script(`
for place = 3, #KEYS do redis.call('DEL', KEYS[place]) end
for place = 1, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[place])
  redis.call('HDEL', KEYS[2], ARGV[place])
end
`);

/**
 * KEYS: cell, index, sizes. ARGV: key, the version expected after a "=" or "-" for none, the new
 * version, value. Done again, it says again that it was done: the cluster of ioredis repeats what it
 * has not seen an answer for.
 */
export const swap = new Script(`
local version = redis.call('HGET', KEYS[1], 'version')
if version == ARGV[3] then return 1 end
if (version and '=' .. version or '-') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'value', ARGV[4])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], #ARGV[4])
return 1
`);

/** KEYS: any, for a cluster. What the server of that key says of itself. */
export const info = new Script(`return redis.call('INFO')`);
