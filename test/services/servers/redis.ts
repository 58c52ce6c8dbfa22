import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Keepers } from '../keeper/keepers.js';
import { findOrFetch } from '../programs/find-or-fetch.js';
import { programOf } from '../programs/installation.js';
import type { RedisService } from '../service-types.js';
import { freePort } from './free-port.js';
import { startInKeeper } from './start-in-keeper.js';
import { untilReady } from './until-ready.js';

const redis = { title: 'Redis', programs: ['redis-server'], packages: ['redis-server'] };

export async function startRedis(keepers: Keepers): Promise<RedisService> {
  const installation = await findOrFetch(redis, keepers);
  return await startInKeeper(keepers, 'redis', undefined, async (keeper) => {
    const port = await freePort();
    const password = randomBytes(16).toString('hex');
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: keeper.folder,
      requirepass: password,
      save: '',
      appendonly: 'no',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const { env } = installation;
    const server = keeper.run(programOf(installation, 'redis-server'), args, { env });
    await untilReady('Redis', [server], () => ping(port, password));
    return { url: `redis://:${password}@127.0.0.1:${port}` };
  });
}

async function ping(port: number, password: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`AUTH ${password}\r\nPING\r\nQUIT\r\n`);
    const answer = (await socket.toArray()).join('');
    if (!answer.includes('+PONG')) throw new Error(`it answered ${JSON.stringify(answer)}`);
  } finally {
    socket.destroy();
  }
}
