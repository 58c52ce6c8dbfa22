import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { HoldfastError } from '../errors.js';
import type { App } from './app.js';
import { secureHeaders } from './security/headers.js';

/** In milliseconds: who sends slower than this has something else in mind. */
export interface Timeouts {
  headers: number;
  request: number;
}

const TIMEOUTS: Timeouts = { headers: 10_000, request: 30_000 };
const LOOK_FOR_SLOW_MS = 1_000;
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

  private constructor(timeouts: Timeouts) {
    const listener = getRequestListener(
      (request, env) => this.#app?.fetch(request, env) ?? answerWith(503),
      // What is no request at all does not reach the app.
      { overrideGlobalObjects: false, errorHandler: () => answerWith(400) },
    );
    this.#server = createServer(
      {
        headersTimeout: timeouts.headers,
        requestTimeout: timeouts.request,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: Math.min(LOOK_FOR_SLOW_MS, timeouts.headers),
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
  static async listen(host: string, port: number, timeouts = TIMEOUTS): Promise<HttpServer> {
    const http = new HttpServer(timeouts);
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

function answerWith(status: number): Response {
  const response = new Response(null, { status });
  secureHeaders(response.headers);
  return response;
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
