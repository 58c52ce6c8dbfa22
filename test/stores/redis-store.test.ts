import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { redisError } from '../../src/objects/redis/redis-errors.js';
import { warnOfServer } from '../../src/objects/redis/warn-of-server.js';
import { RedisStore, type RedisStoreOptions } from '../../src/redis.js';
import { clients, uniquePrefix } from '../objects/support/redis.js';
import { useService } from '../services/services.js';

const warned = vi.hoisted(() => vi.fn());
vi.mock('../../src/system/warn.js', () => ({ warn: warned }));
beforeEach(() => warned.mockClear());

const url = async () => (await useService('redis')).url;
const bytes = Buffer.from('x');

const stores: RedisStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function open(options: RedisStoreOptions): RedisStore {
  const store = new RedisStore({ requests: { attempts: 1 }, prefix: uniquePrefix(), ...options });
  stores.push(store);
  return store;
}

describe('RedisStore', () => {
  it.each([
    ['no options', undefined, /Options must be an object/],
    ['neither a client nor a url', {}, /either a client or a url/],
    ['a client that is none', { client: {} }, /client must be a client of redis or ioredis/],
    ['a url that is none', { url: 'redis://user:se#cret@host' }, /url must be a URL/],
    ['a url of something else', { url: 'http://localhost' }, /url must be a URL/],
    ['an empty prefix', { url: 'redis://localhost', prefix: '' }, /prefix must be/],
    ['a mistyped option', { url: 'redis://localhost', key: 'a' }, /no option RedisStore\.key/],
  ])('refuses %s', (_, options, message) => {
    const make = () => new RedisStore(options as RedisStoreOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make).toThrow(message);
    expect(make).not.toThrow(/se#cret/);
  });

  it.each(Object.entries(clients))('leaves a client of %s as it is', async (_, connect) => {
    const { client, end } = await connect(await url());
    const store = open({ client });
    await store.put('object', bytes);
    expect(await store.get('object')).toEqual(bytes);
    await store.delete(['object']);
    await store.close();
    const ping = 'callBuffer' in client ? client.callBuffer : client.sendCommand;
    const args = 'callBuffer' in client ? ['PING'] : [['PING']];
    expect(String(await ping.apply(client, args as never[]))).toBe('PONG');
    await end();
  });

  it('needs no client that is connected', async () => {
    const lazy = new Redis(await url(), { lazyConnect: true });
    for (const client of [lazy, createClient({ url: await url() })]) {
      expect(await open({ client }).get('nothing')).toBeNull();
    }
    lazy.disconnect();
  });

  it('says that it has been closed', async () => {
    const store = open({ url: await url() });
    await store.close();
    await expect(store.get('x')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });

  it('says what is wrong with the password, without it', async () => {
    const admin = new Redis(await url());
    const password = 'se-cret-pass-word';
    await admin.call('ACL', 'SETUSER', 'test-other', 'on', '>right', '~*', '+@all');
    await admin.call(
      'ACL',
      'SETUSER',
      'test-weak',
      'on',
      '>right',
      '~*',
      '+ping',
      '+info',
      '+hello',
    );
    try {
      const wrong = Object.assign(new URL(await url()), { username: 'test-other', password }).href;
      const weak = Object.assign(new URL(await url()), {
        username: 'test-weak',
        password: 'right',
      });
      const cases: [RedisStoreOptions, RegExp][] = [
        [{ url: wrong }, /WRONGPASS.*Check the user and the password/],
        [{ client: new Redis(wrong, { lazyConnect: true }) }, /WRONGPASS.*Check the user/],
        [{ url: weak.href }, /NOPERM.*ACL SETUSER/],
        [{ client: new Redis(weak.href, { lazyConnect: true }) }, /NOPERM.*ACL SETUSER/],
      ];
      for (const [options, words] of cases) {
        const error = await open(options)
          .swapCell('cell', Buffer.from('content'), null)
          .catch((reason) => reason);
        expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
        expect(error.message).toMatch(words);
        const printed = inspect(error, { depth: 10, showHidden: true });
        for (const secret of [password, 'right', 'content']) expect(printed).not.toContain(secret);
      }
    } finally {
      await admin.call('ACL', 'DELUSER', 'test-other', 'test-weak');
      admin.disconnect();
    }
  });
});

describe('the first request warns', () => {
  const info = (settings: object) =>
    Buffer.from(
      Object.entries(settings)
        .map((pair) => pair.join(':'))
        .join('\r\n'),
    );
  const server = (settings: object, save: string | null) => ({
    send: async ({ args }: { args: (string | Buffer)[] }) => {
      if (args[0] !== 'CONFIG') return info(settings);
      if (save === null) throw new Error('NOPERM no permissions');
      return ['save', save];
    },
    close: async () => undefined,
  });
  const cache = { maxmemory: '100', maxmemory_policy: 'allkeys-lru', aof_enabled: '1' };
  const memory = { maxmemory: '0', maxmemory_policy: 'noeviction', aof_enabled: '0' };

  it.each([
    ['of a cache', cache, '', ['REDIS_MAY_EVICT']],
    ['not of a cache that is never full', { ...cache, maxmemory: '0' }, '', []],
    ['not of one that takes what expires', { ...cache, maxmemory_policy: 'volatile-lru' }, '', []],
    ['of a server in memory', memory, '', ['REDIS_NOT_PERSISTENT']],
    ['not of one with save points', memory, '3600 1', []],
    ['not where it may not ask', memory, null, []],
  ])('%s', async (_, settings, save, codes) => {
    await warnOfServer(server(settings, save), 'key', undefined);
    expect(warned.mock.calls.map(([code]) => code)).toEqual(codes);
  });

  it.each(Object.entries(clients))('on a real server, once, through %s', async (_, connect) => {
    const { client, end } = await connect(await url());
    const store = open({ client });
    await store.get('nothing');
    await store.get('nothing');
    expect(warned.mock.calls.map(([code]) => code)).toEqual(['REDIS_NOT_PERSISTENT']);
    await end();
  });
});

describe('what a server answers', () => {
  const inScriptOf6 = (words: string) =>
    `ERR Error running script (call to f_0123): @user_script:1: @user_script: 1: -${words}`;
  it.each([
    ['OOM command not allowed when used memory > maxmemory.', 'STORE_FULL', false],
    [inScriptOf6('OOM command not allowed'), 'STORE_FULL', false],
    ['MISCONF Errors writing to the AOF file: No space left on device', 'STORE_FULL', false],
    ['LOADING Redis is loading the dataset in memory', 'STORE_UNREACHABLE', true],
    ["READONLY You can't write against a read only replica.", 'STORE_UNREACHABLE', true],
    [inScriptOf6("READONLY You can't write"), 'STORE_UNREACHABLE', true],
    ['CLUSTERDOWN The cluster is down', 'STORE_UNREACHABLE', true],
    ['MASTERDOWN Link with MASTER is down', 'STORE_UNREACHABLE', true],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'STORE_UNREACHABLE', true],
    ['ERR max number of clients reached', 'STORE_UNREACHABLE', true],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'STORE_UNREACHABLE', true],
    ['NOAUTH Authentication required.', 'STORE_UNUSABLE', false],
    ['WRONGTYPE Operation against a key', 'STORE_UNUSABLE', false],
    ['MOVED 1234 127.0.0.1:6380', 'STORE_UNUSABLE', false],
  ])('%s', (words, code, transient) => {
    const error = redisError('read x', '{holdfast}:', new Error(words));
    expect(error).toMatchObject({ code, transient, message: expect.stringContaining(words) });
  });
});
