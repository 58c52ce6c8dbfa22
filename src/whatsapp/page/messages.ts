import type { MessageData, WidData } from '../page-events.js';
import type { Emitter, PageModules, Report } from './page-types.js';

/** Text messages, both ways. */
export function pageMessages(modules: PageModules, report: Report) {
  type MessageModel = {
    id: MessageData['id'];
    type: string;
    subtype?: string;
    isNewMsg?: boolean;
    isStatusV3?: boolean;
    serialize(): Record<string, unknown>;
    once?(event: string, handler: () => void): void;
    unsafe?(): unknown;
    msgContextInfo?(chat: unknown): object;
  };
  type Wid = WidData & { isLid?(): boolean; isGroup?(): boolean; isStatus?(): boolean };
  type Chat = { id: Wid; groupMetadata?: { isLidAddressingMode?: boolean } };
  type Collection<T> = Emitter & { get(id: unknown): T | undefined };

  // whatsapp-web.js's numbers: a placeholder often resolves by itself within the first seconds.
  const RESEND_DELAY_MS = 5_000;
  const RESEND_PATIENCE_MS = 15_000;

  let attached = false;
  const undecrypted = new Set<MessageModel>();
  const toBeAskedFor = new Set<MessageModel>();

  const messages = () => modules.need<Collection<MessageModel>>('WAWebCollections.Msg');

  const idText = (id: unknown) => (typeof id === 'object' && id ? (id as WidData)._serialized : id);

  const describe = (message: MessageModel): MessageData => {
    const data = message.serialize();
    const id = message.id;
    const hasMedia = Boolean(data.directPath);
    return {
      id: {
        fromMe: id.fromMe,
        remote: idText(id.remote) as string,
        id: id.id,
        _serialized: id._serialized,
      },
      body: String((hasMedia ? data.caption : data.body) ?? ''),
      type: message.type,
      t: Number(data.t),
      from: idText(data.from) as string,
      to: idText(data.to) as string,
      author: idText(data.author) as string | undefined,
      ack: data.ack as number | undefined,
      hasMedia,
      isForwarded: Boolean(data.isForwarded),
      isStatus: Boolean(message.isStatusV3) || idText(id.remote) === 'status@broadcast',
    };
  };

  const askForAgain = (message: MessageModel) => {
    if (toBeAskedFor.size === 0) {
      setTimeout(() => {
        const batch = [...toBeAskedFor];
        toBeAskedFor.clear();
        if (batch.length === 0) return;
        const utils = 'WAWebNonMessageDataRequestPlaceholderMessageResendUtils';
        try {
          modules.call(`${utils}.handlePlaceholderMsgsSeen`, batch, true);
        } catch (error) {
          report({ type: 'degraded', reason: (error as Error).message });
        }
      }, RESEND_DELAY_MS);
    }
    toBeAskedFor.add(message);
  };

  const onCiphertext = (message: MessageModel) => {
    report({ type: 'ciphertext', message: describe(message) });
    // The sender did not encrypt it for this device; nobody can resend it.
    if (message.subtype?.endsWith('_unavailable_fanout')) return;
    askForAgain(message);
    undecrypted.add(message);
    const patience = setTimeout(() => {
      if (message.type === 'ciphertext') {
        report({ type: 'ciphertext_failed', message: describe(message) });
      }
    }, RESEND_PATIENCE_MS);
    message.once?.('change:type', () => {
      clearTimeout(patience);
      onTypeChange(message);
    });
  };

  /** Heard from the message and from its collection: whichever the page serves, once. */
  const onTypeChange = (message: MessageModel) => {
    if (message.type === 'ciphertext' || !undecrypted.delete(message)) return;
    toBeAskedFor.delete(message);
    if (message.type !== 'revoked') report({ type: 'message', message: describe(message) });
  };

  const attach = () => {
    if (attached) return;
    const collection = messages();
    attached = true;
    const gating = modules.find<Record<string, unknown>>('WAWebSyncGatingUtils');
    if (gating) gating.isPlaceholderMessageResendEnabled = () => true;
    else report({ type: 'degraded', reason: 'PAGE_CHANGED:WAWebSyncGatingUtils' });
    collection.on('add', (message: MessageModel) => {
      if (!message.isNewMsg) return;
      if (message.type === 'ciphertext') onCiphertext(message);
      else report({ type: 'message', message: describe(message) });
    });
    collection.on('change:type', onTypeChange);
    collection.on('change:ack', (message: MessageModel, ack: number) => {
      report({ type: 'ack', message: describe(message), ack });
    });
  };

  const findChat = async (chatId: string): Promise<Chat> => {
    const wid = modules.call<Wid>('WAWebWidFactory.createWid', chatId);
    const known = modules.call<Chat | undefined>('WAWebCollections.Chat.get', wid);
    if (known) return known;
    const find = 'WAWebFindChatAction.findOrCreateLatestChat';
    const found = await modules.call<Promise<{ chat?: Chat } | undefined>>(find, wid);
    if (!found?.chat) throw new Error(`There is no chat ${chatId}`);
    return found.chat;
  };

  const me = (lid: boolean): Wid | undefined =>
    modules.call(`WAWebUserPrefsMeUser.${lid ? 'getMaybeMeLidUser' : 'getMaybeMePnUser'}`);

  /** What quotes a message. A message that cannot be quoted is answered without, not left unanswered. */
  const quote = (quotedId: string | null, chat: Chat): object => {
    const quoted = quotedId === null ? undefined : messages().get(quotedId);
    if (!quoted?.msgContextInfo) return {};
    const rules = modules.find<{ canReplyMsg?(message: unknown): boolean }>('WAWebMsgReply');
    if (rules?.canReplyMsg?.(quoted.unsafe?.() ?? quoted) === false) return {};
    return quoted.msgContextInfo(chat);
  };

  const sendText = async (
    chatId: string,
    body: string,
    quotedId: string | null,
  ): Promise<MessageData> => {
    const chat = await findChat(chatId);
    const inGroup = chat.id.isGroup?.() === true;
    const byLid = inGroup ? chat.groupMetadata?.isLidAddressingMode : chat.id.isLid?.();
    const from = me(byLid === true) ?? me(byLid !== true);
    if (!from) throw new Error('The page does not know whose account this is');
    const MessageKey = modules.need<new (parts: object) => { _serialized: string }>('WAWebMsgKey');
    const key = new MessageKey({
      from,
      to: chat.id,
      id: await modules.call<Promise<string>>('WAWebMsgKey.newId'),
      participant: inGroup || chat.id.isStatus?.() ? from : undefined,
      selfDir: 'out',
    });
    const ephemeral = 'WAWebGetEphemeralFieldsMsgActionsUtils.getEphemeralFields';
    const [added] = modules.call<[Promise<MessageModel>, Promise<unknown>]>(
      'WAWebSendMsgChatAction.addAndSendMsgToChat',
      chat,
      {
        id: key,
        ack: 0,
        body,
        from,
        to: chat.id,
        local: true,
        self: 'out',
        t: Math.floor(Date.now() / 1000),
        isNewMsg: true,
        type: 'chat',
        ...modules.call<object>(ephemeral, chat),
        ...quote(quotedId, chat),
      },
    );
    const message = await added;
    return describe(messages().get(key._serialized) ?? message);
  };

  return { attach, sendText };
}
