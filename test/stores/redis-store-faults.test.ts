import { vi } from 'vitest';
import { swap } from '../../src/objects/redis/scripts.js';
import { RedisStore } from '../../src/redis.js';
import { clients, uniquePrefix } from '../objects/support/redis.js';
import { useService } from '../services/services.js';
import { describeConnectionFaults } from './support/connection-faults.js';

// The server of the tests keeps nothing on the disk.
vi.mock('../../src/system/warn.js', () => ({ warn: () => undefined }));

const url = async () => (await useService('redis')).url;
const isSwap = (data: Buffer) => data.includes(swap.sha);
const prefix = uniquePrefix();

describeConnectionFaults('RedisStore with a url', {
  url,
  isSwap,
  open: async (address, requests) => ({
    store: new RedisStore({ url: address, prefix, requests }),
    end: async () => undefined,
  }),
});

for (const [name, connect] of Object.entries(clients)) {
  describeConnectionFaults(`RedisStore with ${name}`, {
    url,
    isSwap,
    open: async (address, requests) => {
      const { client, end } = await connect(address);
      return { store: new RedisStore({ client, prefix, requests }), end };
    },
  });
}
