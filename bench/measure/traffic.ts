import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export interface Bytes {
  bytesSent: number;
  bytesReceived: number;
}

/** Counts what this process writes to its connections and reads from them, protocols and all. */
export class Traffic {
  readonly #sockets = new Set<Socket>();
  readonly #left: Bytes = { bytesSent: 0, bytesReceived: 0 };
  #taken: Bytes = { bytesSent: 0, bytesReceived: 0 };

  /** Those opened from now on. */
  constructor() {
    subscribe('net.client.socket', (message) => {
      this.#sockets.add((message as { socket: Socket }).socket);
    });
  }

  /** Leaves out a connection that was opened to this port, like one to a browser. */
  ignore(port: number): void {
    for (const socket of this.#sockets) {
      if (socket.remotePort === port) this.#sockets.delete(socket);
    }
  }

  /** What there was since this was last asked. */
  take(): Bytes {
    const all = { ...this.#left };
    for (const socket of this.#sockets) {
      all.bytesSent += socket.bytesWritten;
      all.bytesReceived += socket.bytesRead;
      if (socket.destroyed) this.#forget(socket);
    }
    const { bytesSent, bytesReceived } = this.#taken;
    this.#taken = all;
    return {
      bytesSent: all.bytesSent - bytesSent,
      bytesReceived: all.bytesReceived - bytesReceived,
    };
  }

  #forget(socket: Socket): void {
    this.#left.bytesSent += socket.bytesWritten;
    this.#left.bytesReceived += socket.bytesRead;
    this.#sockets.delete(socket);
  }
}
