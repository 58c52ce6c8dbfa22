import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { HoldfastError } from '../errors.js';
import type { App } from './app.js';

/** Who sends slower than this has something else in mind. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;
const MOST_HEADER_BYTES = 16 * 1024;
const MOST_CONNECTIONS = 2_000;
const LAST_ANSWERS_MS = 2_000;
const LOOK_FOR_IDLE_MS = 20;

/** The socket, open before there is an app, so that its port is known. */
export class HttpServer {
  readonly #server: Server;
  /** Connections on which nothing was asked yet: Node does not count them as idle. */
  readonly #unused = new Set<Socket>();
  #app: App | null = null;

  private constructor() {
    const listener = getRequestListener(
      (request, env) => this.#app?.fetch(request, env) ?? new Response(null, { status: 503 }),
      { overrideGlobalObjects: false },
    );
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: 1_000,
        maxHeaderSize: MOST_HEADER_BYTES,
      },
      (request, response) => {
        this.#unused.delete(request.socket);
        void listener(request, response);
      },
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#unused.add(socket);
      socket.once('close', () => this.#unused.delete(socket));
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.maxRequestsPerSocket = 0;
  }

  /** @throws {HoldfastError} ADDRESS_UNUSABLE */
  static async listen(host: string, port: number): Promise<HttpServer> {
    const http = new HttpServer();
    await new Promise<void>((resolve, reject) => {
      http.#server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(addressUnusable(host, port, cause)),
      );
      http.#server.listen(port, host, resolve);
    });
    return http;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  serve(app: App): void {
    this.#app = app;
  }

  /** Lets answers that are under way come to their end, for a while. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#unused) socket.destroy();
    // Node closes those that are idle now, but not those that become idle by their last answer.
    const idle = setInterval(() => this.#server.closeIdleConnections(), LOOK_FOR_IDLE_MS);
    const all = setTimeout(() => this.#server.closeAllConnections(), LAST_ANSWERS_MS);
    await closed;
    clearInterval(idle);
    clearTimeout(all);
  }
}

function addressUnusable(host: string, port: number, cause: NodeJS.ErrnoException): HoldfastError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program listens there. End it, or choose another --port',
    EACCES: 'this user may not. Choose a --port of 1024 or more',
    EADDRNOTAVAIL: 'this machine has no such address. Choose another --host',
    ENOTFOUND: 'this machine has no such address. Choose another --host',
  };
  return new HoldfastError(
    'ADDRESS_UNUSABLE',
    `Cannot listen at ${host}, port ${port}: ${reasons[cause.code ?? ''] ?? cause.message}.`,
    { cause },
  );
}
