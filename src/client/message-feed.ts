import type { PageEvent } from '../whatsapp/page-events.js';
import type { ClientEvents } from './client-events.js';
import type { MessageAck } from './constants.js';
import { Message, type MessageSender } from './message.js';

type MessageEvent = Extract<PageEvent, { message: unknown }>;
type Announce = <E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]) => void;

/**
 * Turns what the page says of messages into events. What came in while the device was away is
 * held back until the client is ready, since a listener may want to answer.
 */
export class MessageFeed {
  readonly #sender: MessageSender;
  readonly #announce: Announce;
  #heldBack: MessageEvent[] | null = [];

  constructor(sender: MessageSender, announce: Announce) {
    this.#sender = sender;
    this.#announce = announce;
  }

  take(event: MessageEvent): void {
    if (this.#heldBack !== null) this.#heldBack.push(event);
    else this.#emit(event);
  }

  open(): void {
    const events = this.#heldBack ?? [];
    this.#heldBack = null;
    for (const event of events) this.#emit(event);
  }

  #emit(event: MessageEvent): void {
    // Notes about a group, such as a new member, are no messages.
    if (event.message.type === 'gp2') return;
    const message = new Message(this.#sender, event.message);
    switch (event.type) {
      case 'message':
        this.#announce('message_create', message);
        if (!message.fromMe) this.#announce('message', message);
        break;
      case 'ack':
        this.#announce('message_ack', message, event.ack as MessageAck);
        break;
      case 'ciphertext':
        this.#announce('message_ciphertext', message);
        break;
      case 'ciphertext_failed':
        this.#announce('message_ciphertext_failed', message);
        break;
    }
  }
}

export function isMessageEvent(event: PageEvent): event is MessageEvent {
  return 'message' in event;
}
