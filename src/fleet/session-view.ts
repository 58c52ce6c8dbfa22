/**
 * What a session of the fleet is at:
 * - `waiting`: no worker holds it at present;
 * - `starting`: its worker takes it, restores it and starts its browser;
 * - `qr`, `code`: it is not linked, and a QR or a pairing code can be used to link it;
 * - `syncing`: the login was accepted, WhatsApp Web is loading;
 * - `ready`: linked and usable;
 * - `offline`: linked, but the page has no connection to WhatsApp;
 * - `backing-off`: it failed, and is started again at `nextTryAt`;
 * - `stopping`: it is being saved and closed;
 * - `stopped`: nobody wants it to run: it was logged out, or has ended for good (see `alerts`).
 */
export type FleetSessionState =
  | 'waiting'
  | 'starting'
  | 'qr'
  | 'code'
  | 'syncing'
  | 'ready'
  | 'offline'
  | 'backing-off'
  | 'stopping'
  | 'stopped';

/** Times are ISO 8601, UTC; sizes are bytes. */
export interface SessionView {
  /** As the roster names it: a clientId, or `RemoteAuth` for the unnamed session. */
  id: string;
  state: FleetSessionState;
  /** When it came into this state. */
  since: string;
  addedAt: string;
  account: AccountView | null;
  /** Null while nobody holds it. */
  worker: WorkerName | null;
  lastSave: SaveView | null;
  /** Of the profile as last saved. */
  size: number | null;
  alerts: Alert[];
  /** How often in a row it has failed. */
  failures: number;
  nextTryAt: string | null;
  /** Only while it can be scanned. Another `serial` means another QR. */
  qr: { serial: number; validUntil: string } | null;
  /** Only while it can be typed. */
  code: { code: string; phone: string; validUntil: string } | null;
}

export interface AccountView {
  /** Such as `12025550108@c.us`. */
  id: string;
  name: string;
}

export interface WorkerName {
  id: string;
  /** Where other workers reach it, such as `http://10.0.0.5:8480`. */
  address: string;
  host: string;
}

export interface SaveView {
  at: string;
  sequence: number;
  bytesSent: number;
  durationMs: number;
  /** Of the profile. */
  size: number | null;
}

/** Something that somebody should look at. `code`: a Holdfast error code, or a warning's. */
export interface Alert {
  code: string;
  message: string;
  since: string;
}

/** One worker, as its cell in the store says. */
export interface WorkerView extends WorkerName {
  pid: number;
  capacity: number;
  /** The ids of the sessions it holds, or is just taking. */
  sessions: string[];
  startedAt: string;
  version: string;
}

/** What has happened to a session, for its timeline. */
export type Happening =
  | {
      at: string;
      what: 'state';
      state: FleetSessionState;
      worker: string | null;
      detail: string | null;
    }
  | ({ what: 'saved' } & SaveView)
  | { at: string; what: 'save-failed'; code: string; message: string; nextTryMs: number | null }
  | { at: string; what: 'restored'; from: 'store' | 'disk'; durationMs: number }
  | { at: string; what: 'lease-lost'; code: string; message: string };
