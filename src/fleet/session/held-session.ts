import { killBrowser } from '../../browser/end-browser-process.js';
import { digitsOf } from '../../client/phone-number.js';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { limited } from '../call-limit.js';
import type { FleetMessage, LogEntry } from '../fleet-events.js';
import type { RosterEntry } from '../roster/roster-cell.js';
import type { Happening, SessionView, WorkerName } from '../session-view.js';
import { followClient } from './follow-client.js';
import { History } from './history.js';
import { readLastSave } from './last-save.js';
import type { SessionClient } from './session-client.js';
import { describeEnd, isElsewhere, type SessionEnd } from './session-end.js';
import { growingPause, SessionRunner } from './session-runner.js';
import { SessionState } from './session-state.js';

export interface HeldSessionOptions {
  store: ObjectStore;
  entry: RosterEntry;
  worker(): WorkerName;
  createClient(): SessionClient;
  /** Starts it when there is room for a start. */
  inTurn(start: () => Promise<void>): Promise<void>;
  onChange(view: SessionView): void;
  onHappening(happening: Happening): void;
  onMessage(message: FleetMessage): void;
  /** Its device was linked just now, by a QR or a code. */
  onLinked(): void;
  /** Another worker has it, or is to have it. */
  onElsewhere(end: SessionEnd): void;
  onLoggedOut(): Promise<void>;
  /** `whileClosed` does something while the session is closed, and held by nobody. */
  rollBack(
    sequence: number,
    whileClosed: (work: () => Promise<void>) => Promise<void>,
  ): Promise<void>;
  log(entry: LogEntry): void;
}

const CALL_LIMIT_MS = 60_000;
const START_LIMIT_MS = 300_000;
/** The last save may take long over a slow line. */
const CLOSE_PATIENCE_MS = 90_000;
/** What has ended for good is looked at again, so that nobody need do it by hand. */
const LONG_PAUSE_MS = 300_000;

/** A session that this worker holds. */
export class HeldSession {
  readonly id: string;
  readonly #options: HeldSessionOptions;
  readonly #state: SessionState;
  readonly #history: History;
  readonly #runner: SessionRunner;
  #phone = '';
  #isLoggingOut = false;

  constructor(options: HeldSessionOptions) {
    const { store, entry, worker, onChange, onHappening } = options;
    this.id = entry.id;
    this.#options = options;
    this.#history = new History(store, entry.id);
    this.#state = new SessionState({
      ...entry,
      worker,
      onChange: () => onChange(this.view),
      onHappening: (happening) => {
        this.#history.add(happening);
        onHappening(happening);
      },
    });
    this.#runner = new SessionRunner<SessionClient>({
      createClient: () => this.#createClient(),
      inTurn: (start) =>
        options.inTurn(() => limited('The start of the session', START_LIMIT_MS, start())),
      closePatienceMs: CLOSE_PATIENCE_MS,
      pauseAfter: (end, failures) => this.#pauseAfter(end, failures),
      onStarting: () => this.#state.enter('starting'),
      onClosing: (end) => {
        this.#state.enter('stopping', end.how === 'told' ? null : describeEnd(end).message);
      },
      onHung: (client) => this.#endHung(client),
      onPause: (ms, end) => this.#backOff(ms, end),
    });
  }

  get view(): SessionView {
    return this.#state.view;
  }

  /** The QR's text while it can be scanned. */
  get qr(): string | null {
    return this.#state.qr;
  }

  /** Of its browser, while one runs. */
  get browserPid(): number | null {
    return this.#runner.client?.pupBrowser?.process()?.pid ?? null;
  }

  /** Oldest first. */
  get history(): Happening[] {
    return this.#history.happenings;
  }

  /**
   * A code to type on the phone; it is in `view.code` too, and a new one when it has run out.
   *
   * @throws {HoldfastError} NOT_INITIALIZED, ALREADY_LINKED, INVALID_PHONE_NUMBER, LINKING_FAILED,
   *   TIMED_OUT
   */
  async requestPairingCode(phone: string): Promise<string> {
    const client = this.#needClient('NOT_INITIALIZED');
    this.#phone = digitsOf(phone);
    const code = client.requestPairingCode(this.#phone);
    return limited('The request for a pairing code', CALL_LIMIT_MS, code);
  }

  /** Back to QRs. @throws {HoldfastError} NOT_INITIALIZED, TIMED_OUT */
  async cancelPairingCode(): Promise<void> {
    const cancelled = this.#needClient('NOT_INITIALIZED').cancelPairingCode();
    await limited('The way back from pairing codes', CALL_LIMIT_MS, cancelled);
    if (this.#state.state === 'code') this.#state.enter('qr');
  }

  /**
   * @param to a phone number, or a chat's id such as `12025550108@c.us`
   * @throws {HoldfastError} NOT_READY, INVALID_PHONE_NUMBER, SEND_FAILED, TIMED_OUT
   */
  async sendText(to: string, text: string): Promise<{ id: string; to: string; timestamp: number }> {
    const client = this.#needClient('NOT_READY');
    const chat = to.includes('@') ? to : `${digitsOf(to)}@c.us`;
    const sending = client.sendMessage(chat, text);
    const message = await limited('Sending the message', CALL_LIMIT_MS, sending);
    return { id: message.id._serialized, to: message.to, timestamp: message.timestamp };
  }

  /** Closes it and starts it again, on this worker and at once. Resolves when it has been closed. */
  async restart(): Promise<void> {
    this.#state.forgetFailures();
    await this.#runner.restart();
  }

  /**
   * Unlinks the device and forgets what is stored of it; it is not wanted any more then.
   *
   * @throws {HoldfastError} NOT_INITIALIZED, PAGE_CHANGED, PROFILE_NOT_REMOVED, TIMED_OUT, and the
   *   store's errors
   */
  async logout(): Promise<void> {
    const client = this.#needClient('NOT_INITIALIZED');
    this.#isLoggingOut = true;
    try {
      await limited('The logout', CALL_LIMIT_MS, client.logout());
    } catch (error) {
      this.#isLoggingOut = false;
      throw error;
    }
    this.#state.loggedOut();
    await this.#options.onLoggedOut();
  }

  /** Makes an earlier snapshot the newest, and starts from it. @throws those of `rollBackSession` */
  async rollBack(sequence: number): Promise<void> {
    await this.#options.rollBack(sequence, async (work) => {
      await this.#runner.suspend();
      try {
        await work();
      } finally {
        this.#runner.failures = 0;
        this.#runner.resume();
      }
    });
  }

  /** For the fleet: begins. */
  start(): void {
    this.#state.enter('starting');
    // Without these, it is as if it began here.
    this.#history.load().catch(() => undefined);
    readLastSave(this.#options.store, this.id).then(
      (save) => this.#state.savedBefore(save),
      () => undefined,
    );
    this.#runner.run().then(
      (end) => {
        if (end.how !== 'told') this.#options.onElsewhere(end);
      },
      (error: unknown) => this.#options.onElsewhere({ how: 'failed', error }),
    );
  }

  /** For the fleet: saves and closes it. */
  async release(): Promise<void> {
    await this.#runner.stop();
    await this.#history.close();
  }

  /** For the fleet: closes the browser, and starts none until `resume()`. */
  suspend(why: { code: string; message: string }): void {
    this.#state.alert('suspended', why.code, why.message);
    void this.#runner.suspend().then(() => {
      if (this.#runner.isSuspended) this.#state.enter('backing-off', why.message);
    });
  }

  resume(): void {
    this.#state.clear('suspended');
    this.#runner.resume();
  }

  /** For the fleet: the browser's processes, at once. */
  kill(): void {
    killBrowser(this.#runner.client?.pupBrowser?.process() ?? null);
  }

  #createClient(): SessionClient {
    const client = this.#options.createClient();
    followClient({
      client,
      state: this.#state,
      phone: () => this.#phone,
      isLoggingOut: () => this.#isLoggingOut,
      onLinked: () => this.#options.onLinked(),
    });
    client.on('message_create', ({ id, from, to, body, timestamp, fromMe }) => {
      this.#options.onMessage({ id: id._serialized, from, to, body, timestamp, fromMe });
    });
    return client;
  }

  #pauseAfter(end: SessionEnd, failures: number): number | null {
    if (isElsewhere(end, this.#options.worker().id)) return null;
    return end.how === 'for-good' ? LONG_PAUSE_MS : growingPause(failures);
  }

  #backOff(ms: number, end: SessionEnd): void {
    const why = describeEnd(end);
    const { failures } = this.#runner;
    this.#state.backOff(failures, ms, why);
    const entry = { session: this.id, ...why, failures, nextTryMs: ms };
    this.#options.log({ level: 'warn', event: 'session_failed', ...entry });
  }

  #endHung(client: SessionClient): void {
    killBrowser(client.pupBrowser?.process() ?? null);
    const message = `It was not closed within ${CLOSE_PATIENCE_MS / 1000} s; its browser was killed.`;
    this.#options.log({ level: 'error', event: 'session_hung', session: this.id, message });
  }

  #needClient(code: 'NOT_INITIALIZED' | 'NOT_READY'): SessionClient {
    const { client } = this.#runner;
    if (client !== null) return client;
    throw new HoldfastError(
      code,
      `The session ${this.id} has no browser at the moment (${this.#state.state}). Try again later.`,
      { transient: true },
    );
  }
}
