import type { Happening, SessionView } from './session-view.js';

/** A message of a session, its own included. */
export interface FleetMessage {
  id: string;
  from: string;
  to: string;
  body: string;
  /** In seconds since 1970. */
  timestamp: number;
  fromMe: boolean;
}

export interface LogEntry {
  level: 'info' | 'warn' | 'error';
  event: string;
  session?: string;
  message?: string;
  [more: string]: unknown;
}

export interface FleetEvents {
  /** A session held here has changed. */
  session: [view: SessionView];
  /** It is not held here any more. */
  released: [id: string];
  happening: [id: string, happening: Happening];
  message: [id: string, message: FleetMessage];
  /** Which sessions there are, or what is known of those that nobody holds. */
  roster: [];
  /** Who is there, and who holds what. */
  workers: [];
  log: [entry: LogEntry];
}
