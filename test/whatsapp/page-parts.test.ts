import type { Browser, BrowserContext } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetPage } from '../client/stand-in-page.js';
import { failureOf, type StandIn, startStandIn } from '../client/support.js';
import { launchOn, OpenedPage } from './opened-page.js';

let standIn: StandIn;
let browser: Browser;
let opened: OpenedPage | undefined;

beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
  browser = await launchOn(standIn);
});
afterEach(async () => {
  resetPage(standIn);
  await opened?.close();
  opened = undefined;
});
afterAll(async () => {
  await browser.close();
  await standIn.close();
});

async function open(withheld: string[], context?: BrowserContext): Promise<OpenedPage> {
  standIn.page.withhold = withheld;
  opened = await OpenedPage.start(context ?? (await browser.createBrowserContext()));
  return opened;
}

describe('a page that lacks something it cannot be used without', () => {
  test('is refused with an error that names what is missing', async () => {
    const parts = [
      ['WAWebSocketModel', 'WAWebSocketModel'],
      ['WAWebSocketModel.Socket', 'WAWebSocketModel.Socket'],
      ['WAWebCmd', 'WAWebCmd'],
      ['WAWebCmd.Cmd', 'WAWebCmd.Cmd'],
      ['WAWebConnModel', 'WAWebConnModel'],
      ['WAWebConnModel.Conn', 'WAWebConnModel.Conn'],
    ] as const;
    // Side by side, since a page has five seconds to bring what it lacks.
    const failures: Promise<void>[] = [];
    for (const [withheld, named] of parts) {
      standIn.page.withhold = [withheld];
      const context = await browser.createBrowserContext();
      let loaded: Promise<unknown> = Promise.resolve();
      const page = await OpenedPage.start(context, {}, (created) => {
        loaded = created.waitForResponse((response) => response.url().endsWith('/behaviour.json'));
      });
      await loaded;
      failures.push(
        (async () => {
          const error = await failureOf(page.opened);
          expect(error.code).toBe('PAGE_CHANGED');
          expect(error.message).toContain(`"${named}"`);
          await page.close();
        })(),
      );
    }
    await Promise.all(failures);
  });

  test('is waited for, when it brings it a moment after it says that it has booted', async () => {
    opened = await OpenedPage.start(await browser.createBrowserContext(), {}, (page) =>
      page.evaluateOnNewDocument(() => {
        let real: (name: string) => unknown;
        Object.defineProperty(window, 'require', {
          get: () => (name: string) => {
            const isLate = name === 'WAWebCmd' && performance.now() < 1_500;
            return real(isLate ? 'WAWebNowhere' : name);
          },
          set: (value) => {
            real = value;
          },
        });
      }),
    );
    await opened.opened;
    expect(opened.of('attached')).toHaveLength(1);
  });
});

describe('what linking by QR needs', () => {
  test.each([
    ['WAWebUserPrefsInfoStore', 'WAWebUserPrefsInfoStore'],
    ['WAWebUserPrefsInfoStore.waNoiseInfo.get', 'WAWebUserPrefsInfoStore.waNoiseInfo.get'],
    ['WAWebSignalStoreApi', 'WAWebSignalStoreApi'],
    [
      'WAWebSignalStoreApi.waSignalStore.getRegistrationInfo',
      'WAWebSignalStoreApi.waSignalStore.getRegistrationInfo',
    ],
    ['WABase64', 'WABase64'],
    ['WABase64.encodeB64', 'WABase64.encodeB64'],
    ['WAWebUserPrefsMultiDevice.getADVSecretKey', 'WAWebUserPrefsMultiDevice.getADVSecretKey'],
    ['WAWebCompanionRegClientUtils', 'WAWebCompanionRegClientUtils'],
  ])('%s is named when it is missing', async (withheld, named) => {
    const { whatsApp, opened } = await open([withheld]);
    await opened;
    const error = await failureOf(whatsApp.showQr());
    expect(error.code).toBe('PAGE_CHANGED');
    expect(error.message).toContain(`"${named}"`);
    expect(error.message).toContain(standIn.page.version);
  });

  test('Cmd.refreshQR is named when refs run out and it is missing', async () => {
    standIn.page.refLifetimesMs = [50, 50];
    standIn.page.refCount = 1;
    const page = await open(['WAWebCmd.Cmd.refreshQR']);
    await page.opened;
    await page.whatsApp.showQr().catch(() => undefined);
    const { reason } = await page.until('unusable');
    expect(page.whatsApp.explain(reason).message).toContain('"WAWebCmd.Cmd.refreshQR"');
  });
});

describe('what linking by a pairing code needs', () => {
  /** A page that has reached its server, without which there are no codes. */
  const openUnpaired = async (withheld: string[]) => {
    const page = await open(withheld);
    await page.opened;
    await page.whatsApp.showQr();
    await page.until('qr');
    return page;
  };

  test.each(['WAWebAltDeviceLinkingApi', 'WAWebAltDeviceLinkingApi.startAltLinkingFlow'])(
    '%s is named when it is missing',
    async (withheld) => {
      const { whatsApp } = await openUnpaired([withheld]);
      const error = await failureOf(whatsApp.requestCode(standIn.phone.number, true));
      expect(error.message).toContain(`"${withheld}"`);
    },
  );

  test.each(['WAWebLaunchSocketUtils.refreshQR', 'WAWebAltDeviceLinkingApi.initializeQRLinking'])(
    '%s is named by the way back to QRs when it is missing',
    async (withheld) => {
      const { whatsApp } = await openUnpaired([withheld]);
      await whatsApp.requestCode(standIn.phone.number, true);
      expect((await failureOf(whatsApp.backToQr())).message).toContain(`"${withheld}"`);
    },
  );
});

describe('on a linked page', () => {
  /** Its pages share one login, one after the other. */
  let context: BrowserContext;
  beforeAll(async () => {
    context = await browser.createBrowserContext();
    const page = await OpenedPage.start(context);
    await page.opened;
    await page.whatsApp.showQr();
    await standIn.phone.scan((await page.until('qr')).qr);
    await page.until('synced');
    await page.close();
  });

  // Longer than the agent takes to attach: a page that had synced before reports no "synced".
  beforeEach(() => {
    standIn.page.syncDelayMs = 500;
  });

  const sendFailure = async (page: OpenedPage) => {
    await page.until('synced');
    const error = await failureOf(page.whatsApp.sendText('12025550123@c.us', 'hello', null));
    expect(error.code).toBe('PAGE_CHANGED');
    return error.message;
  };

  test.each([
    ['WAWebSendMsgChatAction', 'WAWebSendMsgChatAction'],
    ['WAWebSendMsgChatAction.addAndSendMsgToChat', 'WAWebSendMsgChatAction.addAndSendMsgToChat'],
    ['WAWebWidFactory', 'WAWebWidFactory'],
    ['WAWebFindChatAction', 'WAWebFindChatAction'],
    ['WAWebMsgKey', 'WAWebMsgKey'],
    ['WAWebMsgKey.newId', 'WAWebMsgKey.newId'],
    [
      'WAWebGetEphemeralFieldsMsgActionsUtils.getEphemeralFields',
      'WAWebGetEphemeralFieldsMsgActionsUtils.getEphemeralFields',
    ],
  ])('%s is named by what sends, when it is missing', async (withheld, named) => {
    expect(await sendFailure(await open([withheld], context))).toContain(`"${named}"`);
  });

  test('WAWebUserPrefsMeUser is named by what asks for the account and what sends', async () => {
    const page = await open(['WAWebUserPrefsMeUser'], context);
    expect(await sendFailure(page)).toContain('"WAWebUserPrefsMeUser"');
    const error = await failureOf(page.whatsApp.account());
    expect(error.message).toContain('"WAWebUserPrefsMeUser"');
  });

  test('the account is found by its other id when the page does not tell the first', async () => {
    const page = await open(['WAWebUserPrefsMeUser.getMaybeMePnUser'], context);
    await page.until('synced');
    expect((await page.whatsApp.account()).wid._serialized).toBe(standIn.phone.account.lid);
  });

  test.each(['WAWebCollections', 'WAWebCollections.Msg'])(
    'without %s the page syncs, and one report names what is missing',
    async (withheld) => {
      const page = await open([withheld], context);
      await page.until('synced');
      standIn.phone.devices.at(-1)?.drop();
      await page.until('synced', 3);
      expect(page.of('synced').map(({ synced }) => synced)).toEqual([true, false, true]);
      expect(page.of('degraded')).toHaveLength(1);
      const error = page.whatsApp.explain(page.of('degraded')[0]?.reason);
      expect(error.message).toContain(`"${withheld}"`);
    },
  );

  test('without WAWebSyncGatingUtils messages come, and a report names what is missing', async () => {
    const page = await open(['WAWebSyncGatingUtils'], context);
    await page.until('synced');
    await standIn.phone.devices.at(-1)?.receive({ body: 'hello' });
    expect((await page.until('message')).message.body).toBe('hello');
    expect(page.of('degraded').map(({ reason }) => reason)).toEqual([
      'PAGE_CHANGED:WAWebSyncGatingUtils',
    ]);
  });

  test('without WAWebOfflineHandler there is no progress, and nothing else', async () => {
    const page = await open(['WAWebOfflineHandler'], context);
    await page.until('synced');
    expect(page.of('progress')).toEqual([]);
    expect(page.of('degraded')).toEqual([]);
  });

  test('Socket.logout and Socket.takeover are named when they are missing', async () => {
    const page = await open(
      ['WAWebSocketModel.Socket.logout', 'WAWebSocketModel.Socket.takeover'],
      context,
    );
    await page.until('synced');
    const noLogout = await failureOf(page.whatsApp.logout());
    expect(noLogout.message).toContain('"WAWebSocketModel.Socket.logout"');
    const noTakeover = await failureOf(page.whatsApp.takeover());
    expect(noTakeover.message).toContain('"WAWebSocketModel.Socket.takeover"');
  });
});
