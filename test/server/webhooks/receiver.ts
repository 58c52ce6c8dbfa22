import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

type Answer = (response: ServerResponse) => void;

/** A receiver of webhooks, on loopback; it ends with the test. */
export class Receiver extends EventEmitter<{ received: [] }> {
  readonly received: Received[] = [];
  answer: Answer = (response) => response.writeHead(204).end();
  readonly #server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    this.received.push({ headers: request.headers, body });
    this.answer(response);
    this.emit('received');
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    onTestFinished(() => {
      receiver.#server.closeAllConnections();
      receiver.#server.close();
    });
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** What it has been told, once it is so much. */
  async untilReceived(count: number): Promise<{ id: string; event: string; data: unknown }[]> {
    while (this.received.length < count) await once(this, 'received');
    return this.received.map(({ body }) => JSON.parse(body));
  }
}
