import type { History, StoredMessage } from './history.js';
import { keyOf } from './history.js';
import type { MsgKey, Wid } from './ids.js';
import { Collection, Model } from './model.js';

/** How many messages stay in memory; older ones are read from the database when asked for. */
const MESSAGES_IN_MEMORY = 1000;
const CHATS_IN_MEMORY = 10_000;

export interface MsgData {
  id: MsgKey;
  ack: number;
  body?: string;
  from: Wid;
  to: Wid;
  t: number;
  type: string;
  subtype?: string;
  author?: Wid;
  notifyName?: string;
  isNewMsg?: boolean;
  quotedStanzaID?: string;
}

export class MsgModel extends Model {
  declare id: MsgKey;
  declare ack: number;
  declare body?: string;
  declare from: Wid;
  declare to: Wid;
  declare t: number;
  declare type: string;
  declare subtype?: string;
  declare author?: Wid;
  declare notifyName?: string;
  declare isNewMsg?: boolean;
  declare quotedStanzaID?: string;

  constructor(data: MsgData) {
    super();
    Object.assign(this, data);
  }

  unsafe(): this {
    return this;
  }

  canReply(): boolean {
    return this.type !== 'ciphertext';
  }

  /** The fields that make another message a reply to this one. */
  msgContextInfo(_chat: unknown): Record<string, unknown> {
    return {
      quotedMsg: { type: this.type, body: this.body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
    };
  }
}

export class ChatModel extends Model {
  t = 0;
  unreadCount = 0;
  archive = false;
  pin = 0;
  isLocked = false;
  readonly formattedTitle: string;
  readonly mute = { expiration: 0 };

  constructor(readonly id: Wid) {
    super();
    this.formattedTitle = id.user;
  }

  /** Puppeteer passes a chat through JSON. */
  toJSON(): Record<string, unknown> {
    return this.serialize();
  }
}

export class Messages extends Collection<MsgModel> {
  readonly modelClass = MsgModel;

  constructor(
    private readonly history: History,
    private readonly me: () => Wid,
  ) {
    super(MESSAGES_IN_MEMORY);
  }

  async getMessagesById(keys: string[]): Promise<{ messages: MsgModel[] }> {
    const found = await Promise.all(keys.map((key) => this.#find(key)));
    return { messages: found.filter((message) => message !== undefined) };
  }

  toModel(stored: StoredMessage, isNewMsg: boolean): MsgModel {
    const id = keyOf(stored);
    const data: MsgData = {
      id,
      ack: stored.ack,
      from: stored.fromMe ? this.me() : id.remote,
      to: stored.fromMe ? id.remote : this.me(),
      t: stored.t,
      type: stored.type,
      isNewMsg,
    };
    if (stored.body !== undefined) data.body = stored.body;
    if (stored.subtype !== undefined) data.subtype = stored.subtype;
    if (stored.notifyName !== undefined) data.notifyName = stored.notifyName;
    if (stored.quotedStanzaID !== undefined) data.quotedStanzaID = stored.quotedStanzaID;
    if (id.participant) data.author = id.participant;
    return new MsgModel(data);
  }

  async #find(key: string): Promise<MsgModel | undefined> {
    const inMemory = this.get(key);
    if (inMemory) return inMemory;
    const stored = await this.history.message(key);
    return stored && this.toModel(stored, false);
  }
}

export class Chats extends Collection<ChatModel> {
  constructor() {
    super(CHATS_IN_MEMORY);
  }

  findOrCreate(id: Wid): { chat: ChatModel; created: boolean } {
    const known = this.get(id);
    return known
      ? { chat: known, created: false }
      : { chat: this.add(new ChatModel(id)), created: true };
  }
}
