import type { Hello, Pair, ToPage, Welcome } from '../wire.js';
import { encodeB64 } from './bytes.js';
import { type Databases, deleteDatabases } from './databases.js';
import type { History, NumberedUpdate } from './history.js';
import { type ConnModel, DEVICE_PLATFORM, type Linking } from './linking.js';
import { keepLogin, type Login, LoginDamaged, sign, startOver } from './login.js';
import type { Messaging } from './messaging.js';
import type { Emitter } from './model.js';
import { OlderHistory } from './older-history.js';
import { SocketModel, type Wire, type WireListener } from './socket.js';
import { Sync } from './sync.js';

export interface SessionParts {
  syncDelayMs: number;
  databases: Databases;
  history: History;
  wire: Wire;
  linking: Linking;
  messaging: Messaging;
  conn: ConnModel;
  cmd: Emitter;
  browser: { info: () => { os: string; name: string } };
}

/** One page's talk with the server: who it is, linking, syncing, updates, logout. */
export class Session implements WireListener {
  readonly socket = new SocketModel({
    logout: () => this.#askToLogOut(),
    takeover: () => this.parts.wire.up(),
    reconnect: () => this.parts.wire.up(),
  });
  readonly sync: Sync;
  #turn: Promise<unknown> = Promise.resolve();
  #pending: NumberedUpdate[] = [];
  #applied = 0;
  #backlog = 0;
  #holes: number[] = [];
  #loggedOut: (() => void) | undefined;
  readonly #olderHistory: OlderHistory;

  constructor(
    public login: Login | LoginDamaged,
    private readonly parts: SessionParts,
  ) {
    this.#olderHistory = new OlderHistory(parts.databases);
    this.sync = new Sync(parts.syncDelayMs, () => {
      parts.cmd.emit('offline_progress_update_from_bridge');
    });
  }

  async start(): Promise<void> {
    if (this.login.wid) this.#holes = await this.parts.history.holes();
    this.parts.wire.listen(this);
    this.parts.wire.up();
  }

  opening(): void {
    this.#inTurn(() => this.socket.set({ state: 'OPENING' }));
  }

  failed(): void {
    this.#inTurn(() => this.#lost('TIMEOUT'));
  }

  received(message: ToPage): void {
    if (message.type === 'update') {
      this.#pending.push(message);
      this.#inTurn(() => this.#applyPending());
    } else {
      this.#inTurn(() => this.#handle(message));
    }
  }

  /** One thing after the other: what was received is applied before anything is said about it. */
  #inTurn(task: () => unknown): void {
    this.#turn = this.#turn.then(task).catch((error) => {
      reportError(error);
      this.parts.wire.drop();
    });
  }

  async #handle(message: Exclude<ToPage, { type: 'update' }>): Promise<void> {
    const { conn, linking, wire } = this.parts;
    switch (message.type) {
      case 'challenge':
        wire.send(await this.#hello(message.nonce));
        return;
      case 'unpaired':
        if (this.login.wid) {
          this.login = await startOver(this.parts.databases);
          this.#holes = [];
          wire.up();
        } else if (linking.mode === 'code') this.socket.set({ state: 'UNPAIRED' });
        return;
      case 'ref':
        conn.set({ ref: message.ref });
        this.socket.set({ state: 'UNPAIRED' });
        return;
      case 'refs-ended':
        this.socket.set({ state: 'UNPAIRED_IDLE' });
        return;
      case 'code':
        linking.codeArrived(message.request, message.code);
        return;
      case 'code-refused':
        linking.codeRefused(message.request, message.reason);
        return;
      case 'pair':
        return this.#pair(message);
      case 'linked':
        wire.up();
        return;
      case 'welcome':
        return this.#welcome(message);
      case 'state':
        this.#showState(message.state);
        return;
      case 'conflict':
        wire.down();
        this.#lost('CONFLICT');
        return;
      case 'grow-history':
        // Not in turn: what arrives while it grows is received as ever.
        this.#growHistory(message.bytes).catch(reportError);
        return;
      case 'logout':
        return this.#logOut();
    }
  }

  async #hello(nonce: string): Promise<Hello> {
    this.#pending = [];
    const hello = {
      type: 'hello',
      platform: DEVICE_PLATFORM,
      mode: this.parts.linking.mode,
    } as const;
    if (this.login instanceof LoginDamaged) {
      const login = { wid: this.login.wid, damage: this.login.message };
      return { ...hello, keys: { noise: '', identity: '' }, login };
    }
    const { noise, identity, wid } = this.login;
    const keys = { noise: encodeB64(noise.pubKey), identity: encodeB64(identity.pubKey) };
    if (!wid) return { ...hello, keys, login: null };
    const { index, chain } = await this.parts.history.position();
    this.#applied = index;
    const noiseSignature = await sign(noise, nonce);
    const identitySignature = await sign(identity, nonce);
    const holes = this.#holes;
    return {
      ...hello,
      keys,
      login: { wid, index, chain, holes, noiseSignature, identitySignature },
    };
  }

  async #pair(pair: Pair): Promise<void> {
    if (this.login instanceof LoginDamaged) return;
    const { databases, linking, wire } = this.parts;
    if (!(await linking.isGenuine(pair, this.login))) {
      const reason = pair.by === 'advSecret' ? 'the adv secret is not this page’s' : 'wrong code';
      wire.send({ type: 'pair-refused', reason });
      return;
    }
    this.socket.set({ state: 'PAIRING' });
    await keepLogin(databases, this.login, pair);
    wire.send({ type: 'paired', browser: this.parts.browser.info() });
  }

  async #welcome({ account, backlog, behind, forcedState }: Welcome): Promise<void> {
    const { conn, history, messaging } = this.parts;
    conn.set({ pushname: account.pushname, platform: account.platform });
    this.#backlog = backlog;
    this.#showState(forcedState ?? 'CONNECTED');
    if (behind) {
      const placeholders = await history.fastForward(behind, behind.lost);
      this.#applied = behind.index;
      await this.#show(() => messaging.showPlaceholders(placeholders));
    }
    await messaging.sendOutbox();
  }

  async #applyPending(): Promise<void> {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    const applied = await this.parts.history.apply(batch);
    this.#applied = batch[batch.length - 1]?.n ?? this.#applied;
    this.parts.wire.send({ type: 'ack', n: this.#applied });
    await this.#show(() => this.parts.messaging.show(applied));
  }

  async #growHistory(bytes: number): Promise<void> {
    const onDisk = await this.#olderHistory.grow(bytes);
    this.parts.wire.send({ type: 'history-grown', bytes: onDisk });
  }

  #showState(state: string): void {
    this.socket.set({ state });
    if (state === 'CONNECTED' && !this.socket.hasSynced) this.#startSync();
    else if (state !== 'CONNECTED') this.#stopSync();
  }

  #startSync(): void {
    const isCaughtUp = () => this.#applied >= this.#backlog;
    this.sync.start(isCaughtUp, () => {
      this.#stopSync();
      this.#inTurn(() => this.#synced());
    });
  }

  #stopSync(): void {
    for (const show of this.sync.stop()) this.#inTurn(show);
  }

  #synced(): void {
    // The connection may have broken while what had arrived was being shown.
    if (this.socket.state !== 'CONNECTED') return;
    this.socket.set({ hasSynced: true });
    this.parts.wire.send({ type: 'synced' });
  }

  async #show(effect: () => unknown): Promise<void> {
    if (!this.sync.hold(effect)) await effect();
  }

  #lost(state: string): void {
    this.#stopSync();
    this.socket.set({ state });
    this.socket.set({ hasSynced: false });
  }

  /** Resolves before the page leaves, so that a script that called it gets its answer. */
  #askToLogOut(): Promise<void> {
    return new Promise((resolve) => {
      this.#loggedOut = resolve;
      if (!this.parts.wire.send({ type: 'logout' })) this.#inTurn(() => this.#logOut());
    });
  }

  async #logOut(): Promise<void> {
    this.parts.wire.down();
    this.#stopSync();
    this.#loggedOut?.();
    this.parts.cmd.emit('logout');
    localStorage.clear();
    await deleteDatabases(this.parts.databases);
    location.replace('/?post_logout=1&logout_reason=0');
  }
}
