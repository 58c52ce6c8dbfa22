import { qrLifetimeMs } from '../../whatsapp/qr-lifetime.js';
import type {
  AccountView,
  Alert,
  FleetSessionState,
  Happening,
  SaveView,
  SessionView,
  WorkerName,
} from '../session-view.js';

/** What an alert is about: there is one of each at most. */
type AlertSlot = 'end' | 'save' | 'unlinked' | 'suspended' | 'restore';

export interface SessionStateOptions {
  id: string;
  addedAt: string;
  worker(): WorkerName;
  onChange(): void;
  onHappening(happening: Happening): void;
}

/** What is to be shown of a session that is held here. */
export class SessionState {
  readonly #options: SessionStateOptions;
  readonly #alerts = new Map<AlertSlot, Alert>();
  #state: FleetSessionState = 'waiting';
  #since = now();
  account: AccountView | null = null;
  #lastSave: SaveView | null = null;
  #failures = 0;
  #nextTryAt: string | null = null;
  #qr: { text: string; serial: number; validUntil: number } | null = null;
  #qrs = 0;
  #isFirstQr = true;
  #code: NonNullable<SessionView['code']> | null = null;

  constructor(options: SessionStateOptions) {
    this.#options = options;
  }

  get state(): FleetSessionState {
    return this.#state;
  }

  /** The QR's text while it can be scanned. */
  get qr(): string | null {
    return this.#validQr()?.text ?? null;
  }

  get view(): SessionView {
    const { id, addedAt, worker } = this.#options;
    const qr = this.#validQr();
    return {
      id,
      state: this.#state,
      since: this.#since,
      addedAt,
      account: this.account,
      worker: worker(),
      lastSave: this.#lastSave,
      size: this.#lastSave?.size ?? null,
      alerts: [...this.#alerts.values()],
      failures: this.#failures,
      nextTryAt: this.#nextTryAt,
      qr: qr && { serial: qr.serial, validUntil: new Date(qr.validUntil).toISOString() },
      code: this.#state === 'code' ? this.#code : null,
    };
  }

  enter(state: FleetSessionState, detail: string | null = null): void {
    if (state !== 'qr') this.#qr = null;
    if (state !== 'code') this.#code = null;
    if (state !== 'backing-off') this.#nextTryAt = null;
    if (state !== 'qr' && state !== 'code') this.#isFirstQr = true;
    if (state !== this.#state || detail !== null) {
      if (state !== this.#state) this.#since = now();
      this.#state = state;
      const worker = this.#options.worker().address;
      this.happened({ at: now(), what: 'state', state, worker, detail });
    }
    this.#options.onChange();
  }

  showQr(text: string): void {
    const validUntil = Date.now() + qrLifetimeMs(this.#isFirstQr);
    this.#isFirstQr = false;
    this.#qr = { text, serial: ++this.#qrs, validUntil };
    this.enter('qr');
  }

  showCode(code: string, phone: string, validMs: number): void {
    this.#code = { code, phone, validUntil: new Date(Date.now() + validMs).toISOString() };
    this.enter('code');
  }

  ready(account: AccountView | null): void {
    this.account = account ?? this.account;
    this.#failures = 0;
    for (const slot of ['end', 'unlinked', 'suspended'] as const) this.#alerts.delete(slot);
    this.enter('ready');
  }

  backOff(failures: number, pauseMs: number, why: { code: string; message: string }): void {
    this.#failures = failures;
    this.#raise('end', why.code, why.message);
    this.#nextTryAt = new Date(Date.now() + pauseMs).toISOString();
    this.enter('backing-off', why.message);
  }

  forgetFailures(): void {
    this.#failures = 0;
    this.clear('end');
  }

  saved(save: SaveView): void {
    this.#lastSave = save;
    this.#alerts.delete('save');
    this.happened({ what: 'saved', ...save });
    this.#options.onChange();
  }

  /** What the store has from former holders. */
  savedBefore(save: SaveView | null): void {
    this.#lastSave ??= save;
    this.#options.onChange();
  }

  /** Nothing is kept of it any more. */
  loggedOut(): void {
    this.account = null;
    this.#lastSave = null;
    this.#options.onChange();
  }

  saveFailed(code: string, message: string, nextTryMs: number | null): void {
    this.#raise('save', code, message);
    this.happened({ at: now(), what: 'save-failed', code, message, nextTryMs });
    this.#options.onChange();
  }

  alert(slot: AlertSlot, code: string, message: string): void {
    this.#raise(slot, code, message);
    this.#options.onChange();
  }

  clear(slot: AlertSlot): void {
    if (this.#alerts.delete(slot)) this.#options.onChange();
  }

  happened(happening: Happening): void {
    this.#options.onHappening(happening);
  }

  #raise(slot: AlertSlot, code: string, message: string): void {
    const before = this.#alerts.get(slot);
    const since = before?.code === code ? before.since : now();
    this.#alerts.set(slot, { code, message, since });
  }

  #validQr() {
    return this.#state === 'qr' && this.#qr && this.#qr.validUntil > Date.now() ? this.#qr : null;
  }
}

export function now(): string {
  return new Date().toISOString();
}
