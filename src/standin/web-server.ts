import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { WebSocketServer } from 'ws';
import type { Certificate } from './certificate.js';
import { PAGE_HTML } from './html.js';
import type { Network } from './network.js';
import { PageConnection } from './page-connection.js';

/** As strict as can be: a client that works under it does not depend on a laxer one. */
const CONTENT_SECURITY_POLICY = "default-src 'self'; style-src 'unsafe-inline'; img-src data:";

/** The HTTPS and WebSocket server the page comes from. */
export class WebServer {
  #https;
  #sockets = new WebSocketServer({ noServer: true });
  #connections = new Set<Socket>();
  #port = 0;

  constructor(
    { cert, key }: Certificate,
    private readonly network: Network,
  ) {
    this.#https = createServer({ cert, key }, (request, response) => {
      this.#respond(request, response).catch(() => response.destroy());
    });
    // Every TCP connection: `closeAllConnections` knows none that is still in its TLS handshake.
    this.#https.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#https.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (page) => {
        new PageConnection(page, this.network);
      });
    });
  }

  get port(): number {
    return this.#port;
  }

  /** The first time on any free port, later on the same one. */
  async listen(): Promise<void> {
    if (this.#https.listening) return;
    this.#https.listen(this.#port, '127.0.0.1');
    await once(this.#https, 'listening');
    this.#port = (this.#https.address() as AddressInfo).port;
  }

  /** Closes the port and breaks every connection. */
  async stop(): Promise<void> {
    if (!this.#https.listening) return;
    const closed = once(this.#https, 'close');
    this.#https.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'https://web.whatsapp.com');
    const script = /^\/app\/([a-z-]+\.js)$/.exec(pathname)?.[1];
    response.setHeader('Cache-Control', 'no-store');
    if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      response.end(PAGE_HTML);
    } else if (pathname === '/behaviour.json') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(this.network.page));
    } else if (script !== undefined) {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      response.end(await readFile(path.join(__dirname, 'page', script)));
    } else {
      response.writeHead(404).end();
    }
  }
}
