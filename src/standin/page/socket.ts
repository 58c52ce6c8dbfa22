import type { FromPage, ToPage } from '../wire.js';
import { Model } from './model.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;

/** `WAWebSocketModel.Socket`. */
export class SocketModel extends Model {
  state = 'UNLAUNCHED';
  hasSynced = false;
  readonly logout: () => Promise<void>;
  readonly takeover: () => void;
  readonly reconnect: () => void;

  constructor(actions: Pick<SocketModel, 'logout' | 'takeover' | 'reconnect'>) {
    super();
    this.logout = actions.logout;
    this.takeover = actions.takeover;
    this.reconnect = actions.reconnect;
  }
}

export interface WireListener {
  opening(): void;
  received(message: ToPage): void;
  /** The connection broke, or could not be made. */
  failed(): void;
}

/** The WebSocket to the server, made again whenever it breaks. */
export class Wire {
  #socket: WebSocket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;

  #listener: WireListener | undefined;

  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  up(): void {
    this.down();
    this.#listener?.opening();
    const socket = new WebSocket(`wss://${location.host}/ws/chat`);
    this.#socket = socket;
    socket.onmessage = (event) => {
      const message: ToPage = JSON.parse(event.data);
      if (message.type !== 'challenge') this.#retryMs = FIRST_RETRY_MS;
      if (this.#socket === socket) this.#listener?.received(message);
    };
    socket.onclose = () => this.#broke(socket);
  }

  /** Closes the connection and makes no new one. */
  down(): void {
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** Closes the connection as if it had broken. */
  drop(): void {
    this.#socket?.close();
  }

  /** False if there is no connection; nothing is kept for later. */
  send(message: FromPage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #broke(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#listener?.failed();
    this.#retry = setTimeout(() => this.up(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}
