import { EventEmitter } from 'node:events';
import type { ClientEvents, DisconnectReason } from '../../../src/client/client-events.js';
import type { HoldfastError } from '../../../src/errors.js';
import type { SessionClient } from '../../../src/fleet/session/session-client.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { joinWorker, type WorkerShare } from '../../../src/snapshot/lease/join-worker.js';
import { takeSession } from '../../../src/snapshot/lease/take-session.js';
import { leaseLost } from '../../../src/snapshot/lease/worker.js';
import type { SessionWriter } from '../../../src/snapshot/session-writer.js';
import { withinTime } from '../../../src/system/within-time.js';

/** What the phones and WhatsApp know of the sessions of a test. */
export class FakeWorld {
  readonly linked = new Set<string>();
  /** Whose browsers are open now. */
  readonly open = new Map<string, FakeClient>();
  /** Sessions that were open twice. */
  readonly overlaps: string[] = [];
  starts = 0;
  /** What the end of a browser waits for. */
  closing: (id: string) => Promise<void> = async () => undefined;
  /** What a start of a session fails with, while it does. */
  failure: (id: string) => Error | null = () => null;

  /** The phone scans the QR. */
  link(id: string): void {
    this.linked.add(id);
    this.open.get(id)?.enter();
  }

  unlink(id: string): void {
    this.linked.delete(id);
    const client = this.open.get(id);
    client?.emit('disconnected', 'LOGOUT');
    client?.emit('qr', `qr of ${id}, again`);
  }

  clientOf(id: string): FakeClient {
    const client = this.open.get(id);
    if (client === undefined) throw new Error(`${id} is not open`);
    return client;
  }
}

/** A client without a browser, but with a real lease in a real store. */
export class FakeClient extends EventEmitter<ClientEvents> implements SessionClient {
  readonly info = { wid: { _serialized: '12025550108@c.us' }, pushname: 'Shop' };
  #share: WorkerShare | null = null;
  #writer: SessionWriter | null = null;
  #ending: Promise<void> | null = null;

  constructor(
    private readonly world: FakeWorld,
    private readonly store: ObjectStore,
    private readonly termMs: number,
    readonly id: string,
  ) {
    super();
  }

  async initialize(): Promise<void> {
    this.world.starts++;
    const failure = this.world.failure(this.id);
    if (failure) throw failure;
    this.#share = await joinWorker(this.store, this.termMs);
    const { worker } = this.#share;
    const onLost = (error: HoldfastError) => {
      this.emit('lease_lost', { session: this.id, error });
      void this.destroy().then(() => this.emit('disconnected', 'LEASE_LOST'));
    };
    if (!worker.claim(this.id, { onWanted: () => undefined, onLost })) throw leaseLost();
    const location = { store: this.store, session: `RemoteAuth-${this.id}` };
    this.#writer = await takeSession({ ...location, worker, onLeaseHeld: 'fail' });
    if (this.#ending) return;
    if (this.world.open.has(this.id)) this.world.overlaps.push(this.id);
    this.world.open.set(this.id, this);
    if (this.world.linked.has(this.id)) this.enter();
    else this.emit('qr', `qr of ${this.id}`);
  }

  enter(): void {
    this.emit('authenticated', undefined);
    this.emit('ready');
    const { length: size } = this.id;
    this.emit('session_saved', {
      session: this.id,
      generation: this.#writer?.generation ?? 0,
      sequence: 1,
      bytesSent: size,
      chunks: 1,
      size,
      durationMs: 1,
      reason: 'ready',
    });
  }

  /** It ends by itself. */
  end(reason: DisconnectReason): void {
    void this.destroy().then(() => this.emit('disconnected', reason));
  }

  destroy(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async logout(): Promise<void> {
    this.world.linked.delete(this.id);
    await this.destroy();
    this.emit('disconnected', 'LOGOUT');
  }

  async requestPairingCode(): Promise<string> {
    this.emit('code', 'ABCD1234');
    return 'ABCD1234';
  }

  async cancelPairingCode(): Promise<void> {
    this.emit('qr', `qr of ${this.id}`);
  }

  async sendMessage(to: string) {
    const id = { _serialized: `sent to ${to}`, fromMe: true, remote: to, id: '1' };
    return { id, to, timestamp: 1 } as never;
  }

  async #end(): Promise<void> {
    await this.world.closing(this.id);
    // The browser closes first.
    if (this.world.open.get(this.id) === this) this.world.open.delete(this.id);
    const share = this.#share;
    share?.worker.unclaim(this.id);
    if (!share?.worker.isDead) {
      await withinTime(200, this.#writer?.release() ?? Promise.resolve()).catch(() => undefined);
    }
    await share?.leave().catch(() => undefined);
  }
}
