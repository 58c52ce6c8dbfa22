import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { inject } from 'vitest';
import type { Answer } from './broker.js';
import type { ServiceName, Services } from './service-types.js';

/** The first to ask for a server waits until it runs, and that may take a download. */
export async function askBroker<K extends ServiceName>(name: K): Promise<Answer<Services[K]>> {
  const request = get({ host: '127.0.0.1', port: inject('serviceBroker'), path: `/${name}` });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const text = (await response.toArray()).join('');
  return JSON.parse(text) as Answer<Services[K]>;
}
