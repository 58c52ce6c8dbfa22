import type { MessageData } from '../whatsapp/page-events.js';
import type { MessageAck } from './constants.js';

/** What a message needs of its client. */
export interface MessageSender {
  sendMessage(chatId: string, text: string, options?: SendOptions): Promise<Message>;
}

export interface SendOptions {
  /** The `id._serialized` of a message to quote. A message that is not there is not quoted. */
  quotedMessageId?: string | undefined;
}

/** A WhatsApp message; fields as in whatsapp-web.js. */
export class Message {
  readonly id: MessageData['id'];
  /** The text; a caption if there are media. */
  readonly body: string;
  /** `chat` for text; others such as `image`, `ciphertext`. */
  readonly type: string;
  /** When it was sent, in seconds since 1970. */
  readonly timestamp: number;
  /** The chat it came from; one's own id if one sent it. */
  readonly from: string;
  /** Who it is for; the chat if one sent it. */
  readonly to: string;
  /** In groups: who sent it. */
  readonly author: string | undefined;
  readonly ack: MessageAck | undefined;
  readonly fromMe: boolean;
  readonly hasMedia: boolean;
  readonly isForwarded: boolean;
  readonly isStatus: boolean;
  readonly #sender: MessageSender;

  constructor(sender: MessageSender, data: MessageData) {
    this.#sender = sender;
    this.id = data.id;
    this.body = data.body;
    this.type = data.type;
    this.timestamp = data.t;
    this.from = data.from;
    this.to = data.to;
    this.author = data.author;
    this.ack = data.ack as MessageAck | undefined;
    this.fromMe = data.id.fromMe;
    this.hasMedia = data.hasMedia;
    this.isForwarded = data.isForwarded;
    this.isStatus = data.isStatus;
  }

  /**
   * Answers in the same chat (or in `chatId`), quoting this message.
   *
   * @throws {HoldfastError} as `client.sendMessage`
   */
  reply(text: string, chatId: string = this.fromMe ? this.to : this.from): Promise<Message> {
    return this.#sender.sendMessage(chatId, text, { quotedMessageId: this.id._serialized });
  }
}
