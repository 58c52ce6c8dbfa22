import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceName } from './service-types.js';
import { RunningServices } from './start-service.js';
import { Unavailable } from './unavailable.js';

/** What a test file is told: the server, or why there is none. */
export type Answer<S> = { service: S } | { reason: string };

export interface Broker {
  port: number;
  stop(): Promise<void>;
}

/** Starts servers for test files, which run in processes of their own and ask it over HTTP. */
export async function startBroker(): Promise<Broker> {
  const services = new RunningServices();
  const answers = new Map<string, Promise<Answer<unknown>>>();
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1) as ServiceName;
    const answer = answers.get(name) ?? answerFor(services, name);
    answers.set(name, answer);
    response.end(JSON.stringify(await answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await services.stop();
    },
  };
}

async function answerFor(services: RunningServices, name: ServiceName): Promise<Answer<unknown>> {
  try {
    return { service: await services.get(name) };
  } catch (error) {
    const { message } = error as Error;
    // The reason is one line among the results; what a server wrote before it failed is not.
    if (!(error instanceof Unavailable)) console.error(message);
    return { reason: message.split('\n', 1)[0] ?? '' };
  }
}
