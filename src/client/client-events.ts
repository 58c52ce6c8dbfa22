import type { RemoteAuthEvents } from '../auth/remote/events.js';
import type { WAState } from '../whatsapp/states.js';
import type { MessageAck } from './constants.js';
import type { Message } from './message.js';

/**
 * Why a client is not connected any more:
 * - `LOGOUT`: the device is not linked any more. After an unlink on the phone the client goes on
 *   with a new QR; after `client.logout()` it is closed.
 * - a state such as `CONFLICT` or `PROXYBLOCK`: the session is kept, the client is closed.
 * - `Max qrcode retries reached`: nobody scanned; the client is closed.
 * - `BROWSER_CLOSED`, `PAGE_CLOSED`, `PAGE_CRASHED`, `PAGE_CHANGED`: the browser or its page is
 *   gone or of no use; the session is kept, the client is closed.
 * - `LINKING_FAILED`: a way to link could no longer be offered; the client is closed.
 * - `LEASE_LOST`: another process holds the session now; the client is closed.
 *
 * A closed client has released everything and may be initialized again.
 */
export type DisconnectReason =
  | 'LOGOUT'
  | 'Max qrcode retries reached'
  | 'BROWSER_CLOSED'
  | 'PAGE_CLOSED'
  | 'PAGE_CRASHED'
  | 'PAGE_CHANGED'
  | 'LINKING_FAILED'
  | 'LEASE_LOST'
  | WAState;

/** The client's events and what their listeners get; names and payloads as in whatsapp-web.js. */
export interface ClientEvents extends RemoteAuthEvents {
  /** A text to show as a QR code; a new one comes every 20 seconds or so until one is scanned. */
  qr: [qr: string];
  /** A pairing code to type on the phone, 8 characters. */
  code: [code: string];
  /** The login was accepted; `payload` comes from the strategy and is mostly undefined. */
  authenticated: [payload: unknown];
  /** The login that should have been there is not, or linking anew failed. */
  auth_failure: [message: unknown];
  /** WhatsApp Web is usable. Comes again after a reconnect, once each time. */
  ready: [];
  disconnected: [reason: DisconnectReason];
  /** Every change of the page's connection state. */
  change_state: [state: WAState];
  /** How much of what came in while the device was away is loaded, in percent. */
  loading_screen: [percent: number, message: string];
  /** A message from somebody else. */
  message: [message: Message];
  /** Every new message, one's own included. */
  message_create: [message: Message];
  message_ack: [message: Message, ack: MessageAck];
  /** A message that cannot be decrypted yet; it is asked for again from the phone. */
  message_ciphertext: [message: Message];
  /** A message that could not be decrypted within 15 seconds; it may still come. */
  message_ciphertext_failed: [message: Message];
}
