import { randomBytes } from 'node:crypto';
import { HoldfastError } from '../../../src/errors.js';
import type {
  FleetSessionState,
  Happening,
  SessionView,
  WorkerView,
} from '../../../src/fleet/session-view.js';
import type { ServedSession } from '../../../src/server/served-fleet.js';

const QR_VALID_MS = 20_000;
const CODE_VALID_MS = 180_000;

export interface SimulatedSessionEvents {
  onChange(view: SessionView): void;
  onHappening(happening: Happening): void;
  onLogout(): void;
}

/** A session without a browser: a test says what happens to it. */
export class SimulatedSession implements ServedSession {
  readonly id: string;
  readonly history: Happening[] = [];
  readonly sent: { to: string; text: string }[] = [];
  readonly browserPid = null;
  restarts = 0;
  rolledBackTo: number | null = null;
  #view: SessionView;
  #qr: string | null = null;
  #serial = 0;
  readonly #events: SimulatedSessionEvents;

  constructor(id: string, addedAt: string, worker: WorkerView, events: SimulatedSessionEvents) {
    this.id = id;
    this.#events = events;
    const { id: workerId, address, host } = worker;
    this.#view = {
      id,
      state: 'starting',
      since: addedAt,
      addedAt,
      account: null,
      worker: { id: workerId, address, host },
      lastSave: null,
      size: null,
      alerts: [],
      failures: 0,
      nextTryAt: null,
      qr: null,
      code: null,
    };
  }

  get view(): SessionView {
    return this.#view;
  }

  get qr(): string | null {
    return this.#qr;
  }

  /** It comes into a state, as if by itself. */
  enter(state: FleetSessionState, more: Partial<SessionView> = {}): void {
    const at = new Date().toISOString();
    if (state !== 'qr') this.#qr = null;
    const closed = { qr: null, code: null, nextTryAt: null };
    this.#change({ ...closed, state, since: at, ...more });
    this.#happen({ at, what: 'state', state, worker: this.#view.worker?.id ?? null, detail: null });
  }

  showQr(text = `2@${randomBytes(60).toString('base64')}`): string {
    this.#qr = text;
    const qr = { serial: ++this.#serial, validUntil: inFuture(QR_VALID_MS) };
    if (this.#view.state === 'qr') this.#change({ qr });
    else this.enter('qr', { qr });
    return text;
  }

  link(number = '12025550108', name = 'Sales'): void {
    this.enter('syncing');
    this.enter('ready', { account: { id: `${number}@c.us`, name }, failures: 0 });
  }

  save(bytesSent: number, size: number, durationMs = 40): void {
    const sequence = (this.#view.lastSave?.sequence ?? 0) + 1;
    const lastSave = { at: new Date().toISOString(), sequence, bytesSent, durationMs, size };
    this.#change({ lastSave, size });
    this.#happen({ what: 'saved', ...lastSave });
  }

  fail(code: string, message: string): void {
    const failures = this.#view.failures + 1;
    const nextTryAt = inFuture(30_000);
    this.enter('backing-off', { failures, nextTryAt });
    this.alert(code, message);
  }

  alert(code: string, message: string): void {
    const since = new Date().toISOString();
    this.#change({ alerts: [...this.#view.alerts, { code, message, since }] });
  }

  happen(happening: Happening): void {
    this.#happen(happening);
  }

  async requestPairingCode(phone: string): Promise<string> {
    if (!/^[1-9]\d{5,14}$/.test(phone)) {
      throw new HoldfastError('INVALID_PHONE_NUMBER', 'That is no international phone number.');
    }
    if (this.#view.account !== null) {
      throw new HoldfastError(
        'ALREADY_LINKED',
        `The session ${this.id} is linked. Log it out first.`,
      );
    }
    const code = 'ABCD1234';
    this.enter('code', { code: { code, phone, validUntil: inFuture(CODE_VALID_MS) } });
    return code;
  }

  async cancelPairingCode(): Promise<void> {
    if (this.#view.state === 'code') this.showQr();
  }

  async sendText(to: string, text: string): Promise<{ id: string; to: string; timestamp: number }> {
    if (this.#view.state !== 'ready') {
      throw new HoldfastError('NOT_READY', `The session ${this.id} is ${this.#view.state}.`);
    }
    this.sent.push({ to, text });
    const chat = to.includes('@') ? to : `${to}@c.us`;
    return { id: `true_${chat}_3EB0`, to: chat, timestamp: Math.floor(Date.now() / 1000) };
  }

  async restart(): Promise<void> {
    this.restarts++;
    const wasLinked = this.#view.account !== null;
    this.enter('stopping');
    this.#change({ alerts: [], failures: 0 });
    this.enter('starting');
    if (wasLinked) this.enter('ready');
    else this.showQr();
  }

  async logout(): Promise<void> {
    this.#change({ account: null, lastSave: null, size: null });
    this.#events.onLogout();
  }

  async rollBack(sequence: number): Promise<void> {
    this.rolledBackTo = sequence;
    await this.restart();
  }

  #change(changes: Partial<SessionView>): void {
    this.#view = { ...this.#view, ...changes };
    this.#events.onChange(this.#view);
  }

  #happen(happening: Happening): void {
    this.history.push(happening);
    this.#events.onHappening(happening);
  }
}

function inFuture(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
