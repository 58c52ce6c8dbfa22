import { connect, type Socket } from 'node:net';

/** Enough for a receiver to read what has arrived. */
const readMs = 20;

/** Up is to the server, down is to the client. */
export type Direction = 'up' | 'down';

/** What becomes of bytes that arrive: they go on, only the first of them do, or none. */
export type Verdict =
  | { kind: 'pass' }
  | { kind: 'swallow' }
  | { kind: 'reset'; afterBytes: number; struck: () => void };

/** One client's connection through the proxy, and the one to the server that belongs to it. */
export class FaultyLink {
  /** How much has passed, both ways. */
  passed = 0;
  readonly #client: Socket;
  readonly #server: Socket;
  #isStalled = false;

  constructor(
    client: Socket,
    target: { host: string; port: number },
    judge: (link: FaultyLink, direction: Direction, data: Buffer) => Verdict,
    closed: (link: FaultyLink) => void,
  ) {
    this.#client = client;
    this.#server = connect({ ...target, allowHalfOpen: true });
    for (const socket of [client, this.#server]) socket.setNoDelay(true);
    this.#lead(this.#client, this.#server, 'up', judge);
    this.#lead(this.#server, this.#client, 'down', judge);
    let open = 2;
    for (const socket of [this.#client, this.#server]) {
      // What ends one side ends the other; a connection that is only half closed goes on.
      socket.on('error', () => this.reset());
      socket.on('close', () => {
        open -= 1;
        if (open === 0) closed(this);
      });
    }
  }

  /** Both sides see a reset, not an end. */
  reset(): void {
    for (const socket of [this.#client, this.#server]) {
      if (socket.destroyed) continue;
      // Node would end the stream first, and the other side take it for a proper end.
      socket.destroySoon = () => socket.destroy();
      socket.resetAndDestroy();
    }
  }

  /** Bytes stay where they are, as on a line that went dead; later senders have to wait as well. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of [this.#client, this.#server]) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const socket of [this.#client, this.#server]) socket.resume();
  }

  #lead(
    from: Socket,
    to: Socket,
    direction: Direction,
    judge: (link: FaultyLink, direction: Direction, data: Buffer) => Verdict,
  ): void {
    from.on('data', (data: Buffer) => {
      const verdict = judge(this, direction, data);
      if (verdict.kind === 'swallow') return;
      if (verdict.kind === 'reset') {
        this.#resetAfter(to, data.subarray(0, verdict.afterBytes), verdict.struck);
        return;
      }
      this.passed += data.length;
      if (to.write(data)) return;
      from.pause();
      to.once('drain', () => {
        if (!this.#isStalled) from.resume();
      });
    });
    from.on('end', () => to.end());
  }

  #resetAfter(to: Socket, last: Buffer, struck: () => void): void {
    this.stall();
    const reset = () => {
      this.reset();
      struck();
    };
    if (last.length === 0) reset();
    // Where the bytes and the reset are found together, Node sees the bytes and a proper end.
    else to.write(last, () => setTimeout(reset, readMs));
  }
}
