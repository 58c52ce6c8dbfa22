import type { Client } from '../../client/client.js';
import type { ClientEvents } from '../../client/client-events.js';
import type { Message } from '../../client/message.js';

/** What a session needs of its client. */
export interface SessionClient
  extends Pick<
    Client,
    'initialize' | 'destroy' | 'logout' | 'requestPairingCode' | 'cancelPairingCode'
  > {
  readonly info?: { wid: { _serialized: string }; pushname?: string } | undefined;
  readonly pupBrowser?: Client['pupBrowser'] | undefined;
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (...payload: ClientEvents[E]) => void,
  ): unknown;
  sendMessage(chatId: string, text: string): Promise<Pick<Message, 'id' | 'to' | 'timestamp'>>;
}
