import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Device } from './device.js';
import type { Network } from './network.js';
import { WaitingPage } from './waiting-page.js';
import type { FromPage, Hello, ToPage } from './wire.js';

/** One connection of one page: who it is, then either linking or being a device. */
export class PageConnection {
  #nonce = randomBytes(32).toString('base64');
  #waiting: WaitingPage | undefined;
  #device: Device | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly network: Network,
  ) {
    socket.on('message', (data) => this.#received(JSON.parse(String(data))));
    socket.on('close', () => this.#closed());
    // A broken connection closes as well; there is nothing to add to that.
    socket.on('error', () => undefined);
    this.send({ type: 'challenge', nonce: this.#nonce });
  }

  send(message: ToPage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The page clears its storage and goes back to the start. */
  logOut(): void {
    this.send({ type: 'logout' });
    this.socket.close();
  }

  showConflict(): void {
    this.send({ type: 'conflict' });
    this.socket.close();
  }

  terminate(): void {
    this.socket.terminate();
  }

  #received(message: FromPage): void {
    switch (message.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'refresh-refs':
        this.#waiting?.refreshRefs();
        break;
      case 'linking-mode':
        this.#waiting?.setMode(message.mode);
        break;
      case 'request-code':
        this.#waiting?.requestCode(message.request, message.phoneNumber);
        break;
      case 'paired':
        this.#waiting?.paired(message.browser);
        this.send({ type: 'linked' });
        break;
      case 'pair-refused':
        this.#waiting?.refused(message.reason);
        break;
      case 'ack':
        this.#device?.acknowledged(this, message.n);
        break;
      case 'send':
        this.#device?.messageSent(message.message);
        break;
      case 'resend':
        this.#device?.resendAsked(message.keys);
        break;
      case 'synced':
        this.#device?.synced(this);
        break;
      case 'history-grown':
        this.#device?.historyGrown(message.bytes);
        break;
      case 'logout':
        this.#device?.unlink();
        break;
    }
  }

  #greet(hello: Hello): void {
    const { login } = hello;
    if (!login) {
      this.send({ type: 'unpaired' });
      this.#waiting = new WaitingPage(this, hello, this.network);
      return;
    }
    const [number = ''] = login.wid.split(':');
    const device = this.network.phones.get(number)?.device(login.wid);
    if (!device) {
      this.send({ type: 'unpaired' });
      return;
    }
    if (!device.linked) {
      this.logOut();
      return;
    }
    const problem = 'damage' in login ? login.damage : device.examine(login, this.#nonce);
    if (problem !== undefined) {
      device.refuse(problem);
      this.logOut();
    } else if ('index' in login) {
      this.#device = device;
      device.accept(this, login.index);
    }
  }

  #closed(): void {
    this.#waiting?.leave();
    this.#device?.gone(this);
  }
}
