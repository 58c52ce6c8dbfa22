import type { WireMessage } from '../wire.js';
import { type ChatModel, type Chats, type Messages, type MsgData, MsgModel } from './chats.js';
import type { Applied, History, StoredMessage } from './history.js';
import type { Wire } from './socket.js';

export interface SendResult {
  messageSendResult: 'OK';
  t: number;
}

/** Messages between the history, the models other scripts see, and the server. */
export class Messaging {
  /** Scripts replace this to have undecryptable messages asked for again. */
  readonly gating = { isPlaceholderMessageResendEnabled: (): boolean => false };
  #sending = new Map<string, (result: SendResult) => void>();

  constructor(
    private readonly history: History,
    private readonly wire: Wire,
    readonly messages: Messages,
    readonly chats: Chats,
  ) {}

  /** Puts what an earlier run received back into memory. */
  async load(): Promise<void> {
    for (const stored of await this.history.recentMessages(50)) {
      const message = this.messages.add(this.messages.toModel(stored, false));
      this.chats.findOrCreate(message.id.remote).chat.set({ t: stored.t });
    }
  }

  async show(applied: Applied[]): Promise<void> {
    const received: MsgModel[] = [];
    for (const { update, message } of applied) {
      if (message && update.kind === 'message') received.push(this.#add(message));
      else if (message) this.#change(message);
      if (update.kind === 'ack') await this.#settle(update.key);
    }
    this.#countUnread(received);
  }

  showPlaceholders(stored: StoredMessage[]): void {
    this.#countUnread(stored.map((message) => this.#add(message)));
  }

  /** WhatsApp's own shape: one promise for the message being there, one for it being sent. */
  addAndSendMsgToChat(chat: ChatModel, data: MsgData): [Promise<MsgModel>, Promise<SendResult>] {
    const message = new MsgModel(data);
    const outgoing: WireMessage = {
      id: data.id.id,
      chat: chat.id.toString(),
      fromMe: true,
      t: data.t,
      type: 'chat',
      body: data.body ?? '',
    };
    if (data.id.participant) outgoing.author = data.id.participant.toString();
    if (data.quotedStanzaID) outgoing.quotedStanzaID = data.quotedStanzaID;
    const sent = new Promise<SendResult>((resolve) => {
      this.#sending.set(data.id.toString(), resolve);
    });
    const added = this.history.keepOutgoing(outgoing).then(() => {
      this.messages.add(message);
      chat.set({ t: data.t });
      this.wire.send({ type: 'send', message: outgoing });
      return message;
    });
    return [added, sent];
  }

  /** What was written while there was no connection, or was not acknowledged before it broke. */
  async sendOutbox(): Promise<void> {
    for (const message of await this.history.outbox()) this.wire.send({ type: 'send', message });
  }

  handlePlaceholderMsgsSeen(messages: MsgModel[]): void {
    if (!this.gating.isPlaceholderMessageResendEnabled()) return;
    const waiting = messages.filter((message) => message.type === 'ciphertext');
    this.wire.send({ type: 'resend', keys: waiting.map((message) => message.id.toString()) });
  }

  #add(stored: StoredMessage): MsgModel {
    return this.messages.add(this.messages.toModel(stored, true));
  }

  #change(stored: StoredMessage): void {
    const message = this.messages.get(stored.key);
    if (!message) return;
    const changes: Partial<MsgModel> = { ack: stored.ack, type: stored.type };
    if (stored.body !== undefined) changes.body = stored.body;
    message.set(changes);
  }

  async #settle(key: string): Promise<void> {
    await this.history.takeFromOutbox(key);
    const t = Math.floor(Date.now() / 1000);
    this.#sending.get(key)?.({ messageSendResult: 'OK', t });
    this.#sending.delete(key);
  }

  #countUnread(received: MsgModel[]): void {
    const perChat = new Map<ChatModel, { t: number; unread: number }>();
    for (const message of received) {
      const { chat } = this.chats.findOrCreate(message.id.remote);
      const { unread } = perChat.get(chat) ?? { unread: chat.unreadCount };
      perChat.set(chat, { t: message.t, unread: unread + (message.id.fromMe ? 0 : 1) });
    }
    for (const [chat, { t, unread }] of perChat) chat.set({ t, unreadCount: unread });
  }
}
