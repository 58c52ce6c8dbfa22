import type { WAState } from './states.js';

/** A WhatsApp id: a person, a group, … */
export interface WidData {
  server: string;
  user: string;
  _serialized: string;
}

/** The account a page is linked to. */
export interface AccountData {
  wid: WidData;
  pushname: string;
  platform: string;
}

/** A message as it leaves the page: ids as strings, and nothing that is not plain data. */
export interface MessageData {
  id: { fromMe: boolean; remote: string; id: string; _serialized: string };
  body: string;
  type: string;
  /** Seconds since 1970. */
  t: number;
  from: string;
  to: string;
  /** In groups: who sent it. */
  author: string | undefined;
  ack: number | undefined;
  hasMedia: boolean;
  isForwarded: boolean;
  isStatus: boolean;
}

/** What the agent in the page reports, in the order in which it happened. */
export type PageEvent =
  | { type: 'attached'; version: string; state: WAState; synced: boolean }
  | { type: 'state'; state: WAState }
  | { type: 'synced'; synced: boolean }
  | { type: 'progress'; percent: number }
  | { type: 'qr'; qr: string }
  | { type: 'logout' }
  | { type: 'message'; message: MessageData }
  | { type: 'ack'; message: MessageData; ack: number }
  | { type: 'ciphertext'; message: MessageData }
  | { type: 'ciphertext_failed'; message: MessageData }
  /** The page cannot be used: something the login depends on is missing or fails. */
  | { type: 'unusable'; reason: string }
  /** The login works, but this part of the page does not. */
  | { type: 'degraded'; reason: string };
