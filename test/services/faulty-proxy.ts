import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Random } from '../../chaos/random.js';
import { type Direction, FaultyLink, type Verdict } from './faulty-link.js';
import { freePort } from './servers/free-port.js';

type Fault = (link: FaultyLink, direction: Direction, data: Buffer) => Verdict;

const pass: Verdict = { kind: 'pass' };

/**
 * A TCP proxy before any server, which passes everything on until it is told otherwise:
 *
 *     const proxy = await FaultyConnection.to((await useService('redis')).url);
 *     client = createClient({ url: proxy.url });
 *     proxy.stall();
 *     await proxy.pass();
 *
 * Each fault takes the place of the one before.
 */
export class FaultyConnection {
  /** How many connections were reset. */
  resets = 0;
  readonly port: number;
  readonly #target: { url: URL; host: string; port: number };
  readonly #links = new Set<FaultyLink>();
  #listener: Server | undefined;
  #isStalled = false;
  #fault: Fault = () => pass;

  /** Such as `redis://…` or `http://…`; the port has to be in it. */
  static async to(url: string): Promise<FaultyConnection> {
    const proxy = new FaultyConnection(new URL(url), await freePort());
    await proxy.#listen();
    return proxy;
  }

  private constructor(url: URL, port: number) {
    this.#target = { url, host: url.hostname, port: Number(url.port) };
    this.port = port;
  }

  /** The server's URL, by way of the proxy. */
  get url(): string {
    const { url } = this.#target;
    const host = `${url.hostname}:${url.port}`;
    return url.href.replace(host, `127.0.0.1:${this.port}`);
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#links.size;
  }

  /** Back to normal. What was stalled goes on; what was reset stays so. */
  async pass(): Promise<void> {
    this.#become(() => pass);
    if (this.#listener === undefined) await this.#listen();
  }

  /** New connections are refused, as by a server that is down. Open ones stay: see `resetAll`. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Resets all open connections. What comes after is as before. */
  resetAll(): void {
    for (const link of this.#links) this.#reset(link);
  }

  /** Connections are accepted and stay open, but nothing passes, in either direction. */
  stall(): void {
    this.#become(() => pass);
    this.#isStalled = true;
    for (const link of this.#links) link.stall();
  }

  /**
   * Resets the connection on which bytes go next in this direction, when so many of them have
   * passed. `when` chooses what the count starts with. Resolves when it has happened; all passes
   * from then on.
   */
  resetAfter(
    bytes: number,
    direction: Direction,
    when: (data: Buffer) => boolean = () => true,
  ): Promise<void> {
    return new Promise((resolve) => {
      let chosen: FaultyLink | undefined;
      let left = bytes;
      this.#become((link, toward, data) => {
        if (toward !== direction) return pass;
        if (chosen === undefined && when(data)) chosen = link;
        if (chosen !== link) return pass;
        if (data.length < left) {
          left -= data.length;
          return pass;
        }
        return this.#lastReset(left, resolve);
      });
    });
  }

  /**
   * The server gets what is sent next, its answer is lost, and the connection is reset: so the
   * sender cannot know what was done. `when` chooses, for clients that also send of their own
   * accord. Resolves when it has happened; all passes from then on.
   */
  dropNextAnswer(when: (request: Buffer) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      let chosen: FaultyLink | undefined;
      this.#become((link, direction, data) => {
        if (direction === 'up') {
          if (chosen === undefined && when(data)) chosen = link;
          return pass;
        }
        if (link !== chosen || isGoAhead(data)) return pass;
        return this.#lastReset(0, resolve);
      });
    });
  }

  /** Resets each connection after a number of bytes, both ways together, up to `most`. */
  cutAtRandom(seed: string | number, most = 4_096): void {
    const random = new Random(seed);
    const cuts = new Map<FaultyLink, number>();
    this.#become((link, _direction, data) => {
      const cut = cuts.get(link) ?? link.passed + random.between(0, most);
      cuts.set(link, cut);
      if (link.passed + data.length < cut) return pass;
      return this.#resetVerdict(cut - link.passed, () => cuts.delete(link));
    });
  }

  /** Ends all connections, with a reset, and the proxy. */
  async close(): Promise<void> {
    this.#become(() => pass);
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = listener && once(listener, 'close');
    listener?.close();
    for (const link of this.#links) link.reset();
    await closed;
  }

  async #listen(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    listener.listen(this.port, '127.0.0.1');
    await once(listener, 'listening');
    this.#listener = listener;
  }

  #accept(client: Socket): void {
    const judge: Fault = (link, direction, data) => {
      if (direction === 'down') this.#giveOwnAddress(data);
      return this.#fault(link, direction, data);
    };
    const link = new FaultyLink(client, this.#target, judge, () => this.#links.delete(link));
    this.#links.add(link);
    if (this.#isStalled) link.stall();
  }

  /**
   * A MongoDB client goes on to the address by which a replica set calls itself, which would lead it
   * around the proxy. Ours has as many digits.
   */
  #giveOwnAddress(data: Buffer): void {
    const { url, host, port } = this.#target;
    if (url.protocol !== 'mongodb:') return;
    const [theirs, ours] = [`${host}:${port}`, `127.0.0.1:${this.port}`];
    if (theirs.length !== ours.length) return;
    for (let at = data.indexOf(theirs); at >= 0; at = data.indexOf(theirs, at))
      data.write(ours, at);
  }

  #become(fault: Fault): void {
    this.#fault = fault;
    if (!this.#isStalled) return;
    this.#isStalled = false;
    for (const link of this.#links) link.resume();
  }

  #reset(link: FaultyLink): void {
    this.resets += 1;
    link.reset();
  }

  #resetVerdict(afterBytes: number, struck: () => void): Verdict {
    this.resets += 1;
    return { kind: 'reset', afterBytes, struck };
  }

  /** A reset after which all is normal again. */
  #lastReset(afterBytes: number, struck: () => void): Verdict {
    this.#fault = () => pass;
    return this.#resetVerdict(afterBytes, struck);
  }
}

/** HTTP's "100 Continue" is no answer yet: the client sends the body upon it. */
function isGoAhead(data: Buffer): boolean {
  return data.subarray(0, 12).toString() === 'HTTP/1.1 100';
}
