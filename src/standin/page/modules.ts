import type { PageBehaviour } from '../wire.js';
import { encodeB64 } from './bytes.js';
import { createWid, MsgKey, Wid } from './ids.js';
import { DEVICE_PLATFORM } from './linking.js';
import { LoginDamaged } from './login.js';
import type { Session, SessionParts } from './session.js';

type Module = object;

/**
 * The page's modules, as far as clients use them. The second half is only what
 * whatsapp-web.js 1.34.7 needs to send, reply and show messages.
 */
export function createModules(session: Session, parts: SessionParts, behaviour: PageBehaviour) {
  const { conn, linking, messaging } = parts;
  const { chats, messages } = messaging;
  const getADVSecretKey = () => linking.advSecret;
  const advSecretIn = (name: PageBehaviour['advSecretModule']) =>
    behaviour.advSecretModule === name ? { getADVSecretKey } : {};
  const account = () => (session.login instanceof LoginDamaged ? null : session.login.account);
  const keys = () => {
    if (session.login instanceof LoginDamaged) throw session.login;
    return session.login;
  };

  const modules: Record<string, Module> = {
    WAWebSocketModel: { Socket: session.socket },
    WAWebCmd: { Cmd: Object.assign(parts.cmd, { refreshQR: () => linking.refreshQR() }) },
    WAWebConnModel: { Conn: conn },
    WAWebOfflineHandler: {
      OfflineMessageHandler: { getOfflineDeliveryProgress: () => session.sync.progress },
    },
    WAWebAltDeviceLinkingApi: {
      setPairingType: (_type: string) => undefined,
      initializeAltDeviceLinking: async () => linking.switchTo('code'),
      initializeQRLinking: async () => linking.switchTo('qr'),
      startAltLinkingFlow: (phoneNumber: string, _showNotification: boolean) =>
        linking.requestCode(phoneNumber),
    },
    WAWebLaunchSocketUtils: { refreshQR: () => linking.refreshQR() },
    WABase64: { encodeB64 },
    WAWebCompanionRegClientUtils: { DEVICE_PLATFORM },
    WAWebUserPrefsMultiDevice: advSecretIn('WAWebUserPrefsMultiDevice'),
    WAWebAdvSignatureApi: advSecretIn('WAWebAdvSignatureApi'),
    WAWebUserPrefsInfoStore: {
      waNoiseInfo: { get: async () => ({ staticKeyPair: { ...keys().noise } }) },
    },
    WAWebSignalStoreApi: {
      waSignalStore: {
        getRegistrationInfo: async () => ({ identityKeyPair: { ...keys().identity } }),
      },
    },
    WAWebUserPrefsMeUser: {
      getMaybeMePnUser: () => widOrNull(account()?.pn),
      getMaybeMeLidUser: () => widOrNull(account()?.lid),
    },
    WAWebMiscBrowserUtils: parts.browser,
    WAWebCollections: { Msg: messages, Chat: chats },
    WAWebWidFactory: {
      createWid,
      createWidFromWidLike: (id: Wid) => new Wid(id._serialized),
      asUserWidOrThrow: (id: Wid) => {
        if (!id.isUser()) throw new Error(`not a user: ${id}`);
        return id;
      },
    },
    WAWebFindChatAction: { findOrCreateLatestChat: async (id: Wid) => chats.findOrCreate(id) },
    WAWebMsgKey: MsgKey,
    WAWebSendMsgChatAction: {
      addAndSendMsgToChat: messaging.addAndSendMsgToChat.bind(messaging),
    },
    WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
    WAWebSyncGatingUtils: messaging.gating,
    WAWebNonMessageDataRequestPlaceholderMessageResendUtils: {
      handlePlaceholderMsgsSeen: messaging.handlePlaceholderMsgsSeen.bind(messaging),
    },

    WALinkify: { findLink, findLinks },
    WAWebChatGetters: {
      getIsNewsletter: (chat: { id: Wid }) => chat.id.isNewsletter(),
      getIsBroadcast: (chat: { id: Wid }) => chat.id.isBroadcast(),
    },
    WAWebLinkPreviewChatAction: { getLinkPreview: async () => null },
    WAWebStreamModel: {
      Stream: { markAvailable: () => undefined, markUnavailable: () => undefined },
    },
    WAWebUpdateUnreadChatAction: {
      sendSeen: async ({ chat }: { chat: { set(changes: { unreadCount: number }): void } }) =>
        chat.set({ unreadCount: 0 }),
    },
    WAWebMsgReply: { canReplyMsg: (message: { canReply(): boolean }) => message.canReply() },
    WAWebCallCollection: {},
  };
  for (const path of behaviour.withhold) withhold(modules, path.split('.'));
  return modules;
}

/** Removes a module, or a member of one; one that a class defines is hidden by `undefined`. */
function withhold(modules: Record<string, Module>, path: string[]): void {
  const name = path.pop();
  let owner: Record<string, unknown> = modules;
  for (const step of path) owner = owner[step] as Record<string, unknown>;
  if (name === undefined) return;
  delete owner[name];
  if (name in owner) Object.defineProperty(owner, name, { value: undefined });
}

function widOrNull(id: string | undefined): Wid | null {
  return id === undefined ? null : new Wid(id);
}

function findLinks(text: string | undefined): { href: string }[] {
  return [...(text ?? '').matchAll(/https?:\/\/\S+/g)].map(([href]) => ({ href }));
}

function findLink(text: string | undefined): { href: string } | undefined {
  return findLinks(text)[0];
}
