import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What becomes of a request: `refuse` it does not arrive, `lose` its answer does not; `stall` it is
 * never answered; `cut` half of the answer's body arrives, `stall half` and nothing after it.
 * `answer` stands for the service's own answer; the request itself arrives if it says so.
 */
export type S3Fault =
  | 'refuse'
  | 'lose'
  | 'stall'
  | 'cut'
  | 'stall half'
  | { status: number; code: string; arrives?: boolean };

export interface S3Request {
  method: string;
  /** Path and query. */
  url: string;
  /** `If-Match`, `If-None-Match`, or neither. */
  condition: string | undefined;
}

/** Stands before a real service and lets requests fail. The requests are signed for its own name. */
export class S3Proxy {
  readonly requests: S3Request[] = [];
  fault: (request: S3Request) => S3Fault | null | Promise<S3Fault | null> = () => null;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly server: Server,
  ) {}

  static async start(target: string): Promise<S3Proxy> {
    const server = createServer();
    const proxy = new S3Proxy(new URL(target), server);
    server.on('connection', (socket) => {
      proxy.#sockets.add(socket);
      socket.on('close', () => proxy.#sockets.delete(socket));
    });
    server.on('request', (incoming, outgoing) => {
      void proxy.#serve(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** The next of these requests fail so, one after another. */
  failNext(faults: (S3Fault | null)[], which: (request: S3Request) => boolean = () => true): void {
    const waiting = [...faults];
    this.fault = (request) => (which(request) ? (waiting.shift() ?? null) : null);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const condition = headers['if-match'] ?? headers['if-none-match'];
    const seen = { method, url, condition };
    this.requests.push(seen);
    const body = await buffer(incoming);
    const fault = await this.fault(seen);
    if (fault === 'stall') return;
    if (fault === 'refuse') return void incoming.socket.destroy();
    if (typeof fault === 'object' && fault !== null) {
      if (fault.arrives) await this.#forward(incoming, body);
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml' });
      outgoing.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code></Error>`);
      return;
    }
    const answer = await this.#forward(incoming, body);
    if (fault === 'lose') return void incoming.socket.destroy();
    outgoing.writeHead(answer.status, answer.headers);
    if (fault === null) return void outgoing.end(answer.body);
    outgoing.write(answer.body.subarray(0, answer.body.length >> 1));
    if (fault === 'cut') setTimeout(() => incoming.socket.destroy(), 50);
  }

  #forward(incoming: IncomingMessage, body: Buffer) {
    const { method, url: path, headers } = incoming;
    const { hostname: host, port } = this.target;
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
      (resolve, reject) => {
        const forwarded = request({ host, port, method, path, headers }, (answer) => {
          buffer(answer).then((bytes) => {
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes });
          }, reject);
        });
        forwarded.on('error', reject);
        forwarded.end(body);
      },
    );
  }
}
