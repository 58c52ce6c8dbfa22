import type { FleetEvents } from '../fleet/fleet-events.js';
import type { OpenedLink } from '../fleet/links.js';
import type { RosterEntry } from '../fleet/roster/roster-cell.js';
import type { Happening, SessionView, WorkerView } from '../fleet/session-view.js';
import type { EventSource } from './listen.js';

/** What the server needs of a fleet; `Fleet` is one, and tests simulate one. */
export interface ServedFleet extends EventSource<FleetEvents> {
  /** Joins. */
  start(): Promise<void>;
  /** Hands all sessions over, and leaves. */
  stop(): Promise<void>;
  /** Whether it holds its place in the fleet. */
  readonly isReady: boolean;
  readonly self: WorkerView;
  /** Those that live, this one included. */
  workers(): WorkerView[];
  roster(): RosterEntry[];
  held(): ServedSession[];
  /** Only if it is held here. */
  get(id: string): ServedSession | undefined;
  /** The live worker that says that it holds the session; null: none does. */
  holderOf(id: string): WorkerView | null;
  describeUnheld(id: string): SessionView;
  add(id: string): Promise<void>;
  remove(id: string, options?: { purge?: boolean }): Promise<void>;
  setWanted(id: string, isWanted: boolean): Promise<void>;
  history(id: string): Promise<Happening[]>;
  createLink(id: string, validMs: number): Promise<{ token: string; expiresAt: string }>;
  openLink(token: string): Promise<OpenedLink>;
}

/** A session that this process holds. */
export interface ServedSession {
  readonly id: string;
  readonly view: SessionView;
  /** The QR's text while it can be scanned. */
  readonly qr: string | null;
  readonly browserPid: number | null;
  requestPairingCode(phone: string): Promise<string>;
  cancelPairingCode(): Promise<void>;
  sendText(to: string, text: string): Promise<{ id: string; to: string; timestamp: number }>;
  restart(): Promise<void>;
  logout(): Promise<void>;
  rollBack(sequence: number): Promise<void>;
}
