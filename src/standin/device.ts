import {
  composeMessage,
  type Incoming,
  keyOf,
  type SentMessage,
  type Undecryptable,
} from './messages.js';
import type { PageConnection } from './page-connection.js';
import type { Phone } from './phone.js';
import { isSignedBy } from './proof.js';
import { Traffic, type TrafficOptions } from './traffic.js';
import type { UpdateLog, UpdateLogRecord } from './update-log.js';
import { Waiters, type WaitOptions } from './waiters.js';
import type { BrowserInfo, LoginProof, Update, WireMessage } from './wire.js';

/** Updates on their way to the page at one time. */
const WINDOW = 200;

/** A device in a form that goes through JSON. */
export interface DeviceRecord {
  wid: string;
  keys: { noise: string; identity: string };
  browser: BrowserInfo;
  log: UpdateLogRecord;
}

/** A connection that came while another one of the same device was open. */
export interface Overlap {
  /** When, in milliseconds since 1970. */
  at: number;
  /** Until only one was left; null while that is not so. The older one is told to go at once. */
  ms: number | null;
}

/** A connection with which the device came back. */
export interface DeviceReturn {
  /** When, in milliseconds since 1970. */
  at: number;
  /** The last update that it still had. */
  index: number;
  /** Updates after that which it had acknowledged before. */
  lost: number;
}

/** A linked browser, as its phone and the server know it. */
export class Device {
  /** False once unlinked by the phone, logged out by the page, or refused as corrupt. */
  linked = true;
  /** Connections accepted so far. */
  connectionCount = 0;
  /** Most connections at one time; 2 means that two pages used one login. */
  maxConnections = 0;
  /** Each time that there were two, and for how long. */
  readonly overlaps: Overlap[] = [];
  /** Each connection but the first. */
  readonly returns: DeviceReturn[] = [];
  /** Acknowledged updates that were gone when the device came back, summed over all returns. */
  lost = 0;
  /** What did not fit: bad proofs, a chain that differs, holes in the history. */
  readonly corruption: string[] = [];
  readonly sent: SentMessage[] = [];
  #connections = new Set<PageConnection>();
  #current: PageConnection | undefined;
  #synced = false;
  #forcedState: string | null = null;
  #sentUpTo = 0;
  #sentTaken = 0;
  #resendable = new Map<string, string>();
  #waiters = new Waiters();
  #traffic = new Set<Traffic>();
  #grownTo: number | undefined;

  constructor(
    readonly phone: Phone,
    /** User and device number, e.g. `12025550108:3@c.us`. */
    readonly wid: string,
    readonly keys: { noise: string; identity: string },
    readonly browser: BrowserInfo,
    private readonly log: UpdateLog,
  ) {}

  /** As the phone lists it, e.g. `Chrome (Linux)`. */
  get name(): string {
    return `${this.browser.name} (${this.browser.os})`;
  }

  /** Connections right now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Updates acknowledged: messages, acks and connections alike. */
  get acked(): number {
    return this.log.acked;
  }

  /** Updates the device has not acknowledged yet. */
  get unacked(): number {
    return this.log.unackedCount;
  }

  /** A message to the device. Resolves with its id once the device has stored it; no time limit by default. */
  async receive(incoming: Incoming, options: WaitOptions = {}): Promise<string> {
    const message = composeMessage(incoming);
    await this.deliver({ kind: 'message', message }, options);
    return message.id;
  }

  /** A message that arrives as `ciphertext`; the page may ask for it again. */
  async receiveUndecryptable(incoming: Undecryptable, options: WaitOptions = {}): Promise<string> {
    const { body = '', ...composed } = composeMessage(incoming);
    const message: WireMessage = { ...composed, type: 'ciphertext' };
    if (incoming.subtype !== undefined) message.subtype = incoming.subtype;
    if (incoming.answersResend) this.#resendable.set(keyOf(message), body);
    await this.deliver({ kind: 'message', message }, options);
    return message.id;
  }

  /**
   * Fills the page's database with older messages until the profile's IndexedDB takes about
   * `bytes` on disk (25 MB/s). Resolves with what it takes; no time limit by default.
   */
  async growHistory({ bytes }: { bytes: number }, options: WaitOptions = {}): Promise<number> {
    const connection = this.#current;
    this.#grownTo = undefined;
    connection?.send({ type: 'grow-history', bytes });
    const isOver = () => this.#grownTo !== undefined || this.#current !== connection;
    if (connection) await this.until('grown history', isOver, { timeoutMs: 0, ...options });
    if (this.#grownTo === undefined) throw new Error('stand-in: the page is not connected');
    return this.#grownTo;
  }

  startTraffic(options: TrafficOptions): Traffic {
    const traffic = new Traffic(this, options);
    this.#traffic.add(traffic);
    return traffic;
  }

  /** The next message sent that this has not returned yet. */
  async nextSent(options: WaitOptions = {}): Promise<SentMessage> {
    await this.until(
      'message sent by the device',
      () => this.sent.length > this.#sentTaken,
      options,
    );
    const next = this.sent[this.#sentTaken++];
    if (!next) throw new Error('stand-in: two callers waited for the same sent message');
    return next;
  }

  waitUntilConnected(options: WaitOptions = {}): Promise<void> {
    return this.until('connection', () => this.#current !== undefined, options);
  }

  waitUntilSynced(options: WaitOptions = {}): Promise<void> {
    return this.until('synced connection', () => this.#synced, options);
  }

  waitUntilDisconnected(options: WaitOptions = {}): Promise<void> {
    return this.until('end of the connection', () => this.#connections.size === 0, options);
  }

  /** Until all that was sent to the device is acknowledged. */
  waitUntilDelivered(options: WaitOptions = {}): Promise<void> {
    return this.until('acknowledgement of everything', () => this.log.unackedCount === 0, options);
  }

  /** The phone removes the device from its list. */
  unlink(): void {
    this.linked = false;
    for (const traffic of this.#traffic) traffic.end();
    for (const connection of this.#connections) connection.logOut();
  }

  /** The page learns that the device is open elsewhere, without another browser being there. */
  conflict(): void {
    this.#current?.showConflict();
  }

  /** The network breaks; the page connects again by itself. */
  drop(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  /** The page shows this state, now and after it connects again, until `CONNECTED` is forced. */
  forceState(state: string): void {
    this.#forcedState = state === 'CONNECTED' ? null : state;
    this.#synced &&= state === 'CONNECTED';
    this.#current?.send({ type: 'state', state });
  }

  /** What is wrong with a returning device's login, if anything. */
  examine(proof: LoginProof, nonce: string): string | undefined {
    const { index, chain, holes } = proof;
    if (!isSignedBy(this.keys.noise, nonce, proof.noiseSignature)) return 'wrong Noise key';
    if (!isSignedBy(this.keys.identity, nonce, proof.identitySignature))
      return 'wrong identity key';
    if (index > this.log.last) return `update ${index} claimed, ${this.log.last} sent`;
    if (this.log.chainAt(index) !== chain) return `chain differs at update ${index}`;
    if (holes.length > 0) return `history lacks ${holes.length} updates, first ${holes[0]}`;
    return undefined;
  }

  refuse(problem: string): void {
    this.corruption.push(problem);
    this.unlink();
  }

  accept(connection: PageConnection, index: number): void {
    const { log } = this;
    const rival = this.#current;
    if (this.#connections.size > 0) this.overlaps.push({ at: Date.now(), ms: null });
    this.#connections.add(connection);
    this.#current = connection;
    this.#synced = false;
    this.connectionCount++;
    this.maxConnections = Math.max(this.maxConnections, this.#connections.size);
    rival?.showConflict();

    // It may have stored more than we know: the acknowledgement was lost with the connection.
    if (index > log.acked) log.acknowledge(index);
    if (this.connectionCount > 1) {
      this.returns.push({ at: Date.now(), index, lost: log.acked - index });
    }
    const behind = index < log.acked ? this.#fastForward(index) : null;
    this.#sentUpTo = log.acked;
    log.append({ kind: 'connection', count: this.connectionCount });
    const { account } = this.phone;
    const forcedState = this.#forcedState;
    connection.send({ type: 'welcome', account, backlog: log.last, behind, forcedState });
    this.#pump();
    this.#waiters.changed();
  }

  gone(connection: PageConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size <= 1) {
      for (const overlap of this.overlaps) overlap.ms ??= Date.now() - overlap.at;
    }
    if (this.#current === connection) {
      this.#current = undefined;
      this.#synced = false;
    }
    this.#waiters.changed();
  }

  acknowledged(connection: PageConnection, n: number): void {
    if (connection !== this.#current) return;
    this.log.acknowledge(n);
    this.#pump();
    for (const traffic of this.#traffic) traffic.acknowledged(this.acked);
    this.#waiters.changed();
  }

  synced(connection: PageConnection): void {
    if (connection !== this.#current) return;
    this.#synced = true;
    this.#waiters.changed();
  }

  historyGrown(bytes: number): void {
    this.#grownTo = bytes;
    this.#waiters.changed();
  }

  /** A message from the page; one it sends again after a break counts once. */
  messageSent(message: WireMessage): void {
    if (!this.sent.some((sent) => sent.id === message.id)) {
      const acknowledge = (ack: number) => this.#deliverAck(message, ack);
      this.sent.push({ ...message, acknowledge });
      this.phone.messageSent(this, message);
    }
    void this.#deliverAck(message, 1);
    if (this.phone.readsMessages) {
      void this.#deliverAck(message, 2);
      void this.#deliverAck(message, 3);
    }
    this.#waiters.changed();
  }

  resendAsked(keys: string[]): void {
    for (const key of keys) {
      const body = this.#resendable.get(key);
      if (body !== undefined && this.phone.answersResend) {
        void this.deliver({ kind: 'decrypted', key, body });
      }
    }
  }

  /** Queues an update; resolves once it is acknowledged. No time limit by default. */
  deliver(update: Update, options: WaitOptions = {}): Promise<void> {
    const { n } = this.queue(update);
    return this.until(`acknowledgement of update ${n}`, () => this.acked >= n, {
      timeoutMs: 0,
      ...options,
    });
  }

  queue(update: Update): { n: number } {
    const numbered = this.log.append(update);
    this.#pump();
    return numbered;
  }

  until(what: string, isMet: () => boolean, options: WaitOptions): Promise<void> {
    return this.#waiters.until(`${what} (device ${this.wid})`, isMet, options);
  }

  /** All that the server knows, for {@link Phone.addDevice} of another stand-in. */
  record(): DeviceRecord {
    const { wid, keys, browser } = this;
    return { wid, keys, browser, log: this.log.record() };
  }

  close(): void {
    for (const traffic of this.#traffic) traffic.end();
    this.#waiters.close();
  }

  #deliverAck(message: WireMessage, ack: number): Promise<void> {
    return this.deliver({ kind: 'ack', key: keyOf(message), ack });
  }

  #fastForward(index: number) {
    const { log } = this;
    this.lost += log.acked - index;
    const lost = log.lostSince(index);
    for (const message of log.messagesSince(index)) {
      if (message.body !== undefined) this.#resendable.set(keyOf(message), message.body);
    }
    return { index: log.acked, chain: log.chainAt(log.acked) ?? '', lost };
  }

  #pump(): void {
    if (!this.#current) return;
    const room = WINDOW - (this.#sentUpTo - this.acked);
    for (const { n, payload } of this.log.after(this.#sentUpTo, room)) {
      this.#current.send({ type: 'update', n, payload });
      this.#sentUpTo = n;
    }
  }
}
