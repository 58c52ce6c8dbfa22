import { type Browser, launch, type Page } from 'puppeteer-core';
import type { Device, Phone, StandIn } from '../../src/standin/index.js';
import { browserArgs, CHROMIUM } from './stand-in.js';

interface Id {
  _serialized: string;
  toString(): string;
}

interface Chat {
  id: Id;
}

interface Emitter {
  on(names: string, listener: (...values: unknown[]) => void): void;
  off(names: string, listener: (...values: unknown[]) => void): void;
}

interface PageModules {
  WAWebSocketModel: {
    Socket: Emitter & {
      state: string;
      hasSynced: boolean;
      logout(): Promise<void>;
      takeover(): void;
      reconnect(): void;
    };
  };
  WAWebMiscBrowserUtils: { info: () => { os: string; name: string } };
  WAWebLaunchSocketUtils: { refreshQR(): void };
  WAWebCmd: { Cmd: Emitter & { refreshQR(): void } };
  WAWebOfflineHandler: {
    OfflineMessageHandler: { getOfflineDeliveryProgress(): number };
  };
  WAWebConnModel: { Conn: Emitter & { ref: string } };
  WAWebUserPrefsInfoStore: {
    waNoiseInfo: { get(): Promise<{ staticKeyPair: { pubKey: Uint8Array } }> };
  };
  WAWebSignalStoreApi: {
    waSignalStore: {
      getRegistrationInfo(): Promise<{ identityKeyPair: { pubKey: Uint8Array } }>;
    };
  };
  WABase64: { encodeB64(bytes: Uint8Array): string };
  WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: string };
  WAWebUserPrefsMultiDevice: { getADVSecretKey?: () => string };
  WAWebAdvSignatureApi: { getADVSecretKey?: () => string };
  WAWebAltDeviceLinkingApi: {
    setPairingType(type: string): void;
    initializeAltDeviceLinking(): Promise<void>;
    startAltLinkingFlow(phoneNumber: string, showNotification: boolean): Promise<string>;
    initializeQRLinking(): Promise<void>;
  };
  WAWebCollections: {
    Msg: Emitter & {
      getModelsArray(): PageMessage[];
      getMessagesById(keys: string[]): Promise<{ messages: PageMessage[] }>;
    };
  };
  WAWebWidFactory: { createWid(id: string): Id };
  WAWebFindChatAction: { findOrCreateLatestChat(wid: Id): Promise<{ chat: Chat }> };
  WAWebUserPrefsMeUser: { getMaybeMePnUser(): Id };
  WAWebMsgKey: {
    new (parts: { from: Id; to: Id; id: string; participant: undefined; selfDir: 'out' }): Id;
    newId(): Promise<string>;
  };
  WAWebSendMsgChatAction: {
    addAndSendMsgToChat(chat: Chat, message: object): [Promise<PageMessage>, Promise<unknown>];
  };
  WAWebSyncGatingUtils: { isPlaceholderMessageResendEnabled: () => boolean };
  WAWebNonMessageDataRequestPlaceholderMessageResendUtils: {
    handlePlaceholderMsgsSeen(messages: PageMessage[], seen: boolean): void;
  };
}

export interface PageMessage {
  type: string;
  body?: string;
  isNewMsg: boolean;
  id: Id;
  ack: number;
  serialize(): Record<string, unknown>;
  once(name: string, listener: (message: PageMessage) => void): void;
}

declare global {
  interface Window {
    require<Name extends keyof PageModules>(name: Name): PageModules[Name];
    Debug?: { VERSION?: string };
  }
}

/** A browser on the stand-in's page, driven without any client library. */
export class WebPage {
  private constructor(
    readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(standIn: StandIn, userDataDir?: string): Promise<WebPage> {
    const browser = await launch({
      executablePath: CHROMIUM,
      args: browserArgs(standIn),
      pipe: true,
      ...(userDataDir === undefined ? {} : { userDataDir }),
    });
    return WebPage.openIn(browser);
  }

  /** One more page in a browser that is open. */
  static async openIn(browser: Browser): Promise<WebPage> {
    const opened = new WebPage(browser, await browser.newPage());
    await opened.page.goto('https://web.whatsapp.com/');
    await opened.booted();
    return opened;
  }

  async booted(): Promise<void> {
    await this.page.waitForFunction(() => window.Debug?.VERSION !== undefined);
  }

  async state(): Promise<string> {
    return this.page.evaluate(() => window.require('WAWebSocketModel').Socket.state);
  }

  async waitForState(state: string): Promise<void> {
    await this.page.evaluate((wanted) => {
      const { Socket } = window.require('WAWebSocketModel');
      return new Promise<void>((resolve) => {
        const look = () => {
          if (Socket.state !== wanted) return;
          Socket.off('change:state', look);
          resolve();
        };
        Socket.on('change:state', look);
        look();
      });
    }, state);
  }

  /** Waits for a ref other than this one. */
  async waitForRef(not: string): Promise<string> {
    return this.page.evaluate((old) => {
      const { Conn } = window.require('WAWebConnModel');
      return new Promise<string>((resolve) => {
        if (Conn.ref !== old) resolve(Conn.ref);
        else Conn.on('change:ref', () => resolve(Conn.ref));
      });
    }, not);
  }

  /** The text of the QR code as clients put it together. */
  async qr(): Promise<string> {
    await this.waitForState('UNPAIRED');
    return this.page.evaluate(async () => {
      const { encodeB64 } = window.require('WABase64');
      const noise = await window.require('WAWebUserPrefsInfoStore').waNoiseInfo.get();
      const { waSignalStore } = window.require('WAWebSignalStoreApi');
      const { identityKeyPair } = await waSignalStore.getRegistrationInfo();
      const { getADVSecretKey } = {
        ...window.require('WAWebUserPrefsMultiDevice'),
        ...window.require('WAWebAdvSignatureApi'),
      };
      return [
        window.require('WAWebConnModel').Conn.ref,
        encodeB64(noise.staticKeyPair.pubKey),
        encodeB64(identityKeyPair.pubKey),
        getADVSecretKey?.(),
        window.require('WAWebCompanionRegClientUtils').DEVICE_PLATFORM,
      ].join(',');
    });
  }

  /** Does what logs the page out, and waits until it is back at the start. */
  async logOutBy(action: () => unknown): Promise<void> {
    const left = this.page.waitForNavigation();
    await action();
    await left;
    await this.booted();
  }

  /** What the page shows from now on, e.g. `state TIMEOUT`, `hasSynced true`. */
  async recordChanges(): Promise<void> {
    await this.page.evaluate(() => {
      const { Socket } = window.require('WAWebSocketModel');
      const changes: string[] = [];
      Object.assign(window, { changes });
      Socket.on('change:state', (_, state) => changes.push(`state ${state}`));
      Socket.on('change:hasSynced', (_, synced) => changes.push(`hasSynced ${synced}`));
    });
  }

  async recordedChanges(): Promise<string[]> {
    return this.page.evaluate(() => Object(window).changes);
  }

  async link(phone: Phone): Promise<Device> {
    const device = await phone.scan(await this.qr());
    await device.waitUntilSynced();
    return device;
  }

  /** Waits until a page that could not log in is back at the start and shows a QR code. */
  async waitForQr(): Promise<void> {
    await this.page.waitForFunction(
      () => window.Debug && window.require('WAWebSocketModel').Socket.state === 'UNPAIRED',
    );
  }

  /** Of each message in memory, oldest first. */
  async messages(what: 'type' | 'body' | 'key'): Promise<(string | undefined)[]> {
    return this.page.evaluate((wanted) => {
      const messages = window.require('WAWebCollections').Msg.getModelsArray();
      return messages.map((message) => (wanted === 'key' ? `${message.id}` : message[wanted]));
    }, what);
  }

  /** Waits until a message with this text is in memory, with that `ack` if given. */
  async waitForMessage(body: string, { ack }: { ack?: number } = {}): Promise<void> {
    await this.page.waitForFunction(
      (wanted, wantedAck) =>
        window
          .require('WAWebCollections')
          .Msg.getModelsArray()
          .some(({ body, ack }) => body === wanted && (wantedAck ?? ack) === ack),
      {},
      body,
      ack,
    );
  }

  /** Sends as clients do; `wait` for the server to have it, as usual. */
  async send(chatId: string, body: string, { wait } = { wait: true }): Promise<void> {
    await this.page.evaluate(
      async (id, text, waitUntilSent) => {
        const wid = window.require('WAWebWidFactory').createWid(id);
        const find = window.require('WAWebFindChatAction');
        const { chat } = await find.findOrCreateLatestChat(wid);
        const from = window.require('WAWebUserPrefsMeUser').getMaybeMePnUser();
        const MsgKey = window.require('WAWebMsgKey');
        const newId = await MsgKey.newId();
        const parts = { from, to: chat.id, id: newId, participant: undefined } as const;
        const [added, sent] = window.require('WAWebSendMsgChatAction').addAndSendMsgToChat(chat, {
          id: new MsgKey({ ...parts, selfDir: 'out' }),
          ack: 0,
          body: text,
          from,
          to: chat.id,
          local: true,
          self: 'out',
          t: Math.floor(Date.now() / 1000),
          isNewMsg: true,
          type: 'chat',
        });
        await added;
        if (waitUntilSent) await sent;
      },
      chatId,
      body,
      wait,
    );
  }

  /** Asks the phone for every message that could not be decrypted, as clients do. */
  async askForPlaceholders({ enabled }: { enabled: boolean }): Promise<void> {
    await this.page.evaluate((isEnabled) => {
      const gating = window.require('WAWebSyncGatingUtils');
      gating.isPlaceholderMessageResendEnabled = () => isEnabled;
      const messages = window.require('WAWebCollections').Msg.getModelsArray();
      window
        .require('WAWebNonMessageDataRequestPlaceholderMessageResendUtils')
        .handlePlaceholderMsgsSeen(
          messages.filter((message) => message.type === 'ciphertext'),
          true,
        );
    }, enabled);
  }

  /** Ends the browser as a crash would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.browser.process()?.once('exit', resolve));
    this.browser.process()?.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
