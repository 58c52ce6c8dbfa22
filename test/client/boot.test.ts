import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resetPage } from './stand-in-page.js';
import {
  browsersOf,
  type ClientOptions,
  collectWarnings,
  failureOf,
  LocalAuth,
  link,
  type StandIn,
  startClient,
  startStandIn,
  temporaryProfiles,
  withFolder,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
});
afterEach(async () => {
  resetPage(standIn);
  await standIn.setReachable(true);
});
afterAll(() => standIn.close());

const nothingLeft = () => expect([...browsersOf(), ...temporaryProfiles()]).toEqual([]);

describe('a start', () => {
  test('under which the page boots slowly and navigates several times leads to one qr and one ready', async () => {
    standIn.page.bootDelayMs = 400;
    standIn.page.navigationsDuringBoot = 3;
    const started = startClient(standIn);
    await link(standIn, started);
    expect(started.log.names('qr', 'authenticated', 'ready')).toEqual([
      'qr',
      'authenticated',
      'ready',
    ]);
  });

  test('without a network is rejected in time with what stood in the way, and nothing is left', async () => {
    await standIn.setReachable(false);
    const { initialized, log, client } = startClient(standIn, { authTimeoutMs: 1_500 });
    const error = await failureOf(initialized);
    expect(error).toMatchObject({ code: 'AUTH_TIMEOUT', transient: true });
    expect(error.message).toContain('net::ERR_CONNECTION_REFUSED');
    nothingLeft();
    expect(log.all).toEqual([]);
    expect(client.pupBrowser).toBeNull();
  });

  test('works once the network is back, after one that was rejected without', async () => {
    await standIn.setReachable(false);
    const { initialized, log, client } = startClient(standIn, { authTimeoutMs: 1_000 });
    await failureOf(initialized);
    await standIn.setReachable(true);
    client.options.authTimeoutMs = 30_000;
    await client.initialize();
    await log.until('qr');
  });

  test('without a network waits for it while there is time', async () => {
    await standIn.setReachable(false);
    const started = startClient(standIn);
    const reachable = new Promise<void>((resolve, reject) => {
      const look = setInterval(() => {
        // By then the page cannot have been loaded, only have failed to.
        if (started.client.pupPage?.url().startsWith('chrome-error:') !== true) return;
        clearInterval(look);
        standIn.setReachable(true).then(resolve, reject);
      }, 10);
    });
    await link(standIn, started);
    await reachable;
    expect(started.log.names('qr', 'ready', 'disconnected')).toEqual(['qr', 'ready']);
  });

  test.each(['WAWebSocketModel', 'WAWebUserPrefsMultiDevice.getADVSecretKey'])(
    'on a page that lacks %s is rejected with an error that names it, and nothing is left',
    async (part) => {
      standIn.page.withhold = [part];
      const { initialized, log } = startClient(standIn);
      const error = await failureOf(initialized);
      expect(error.code).toBe('PAGE_CHANGED');
      expect(error.message).toContain(`"${part}"`);
      nothingLeft();
      expect(log.of('qr')).toEqual([]);
    },
  );

  test('on a page that can give no pairing code is rejected with an error that names why', async () => {
    standIn.page.withhold = ['WAWebAltDeviceLinkingApi'];
    const { initialized } = startClient(standIn, {
      pairWithPhoneNumber: { phoneNumber: standIn.phone.number },
    });
    const error = await failureOf(initialized);
    expect(error.code).toBe('PAGE_CHANGED');
    expect(error.message).toContain('"WAWebAltDeviceLinkingApi"');
    nothingLeft();
  });
});

describe('a linked client', () => {
  test('comes through drops, reloads, an unreachable server and a restart with nothing lost', async () => {
    await withFolder(async (dataPath) => {
      const options: ClientOptions = { authStrategy: new LocalAuth({ dataPath }) };
      const started = startClient(standIn, options);
      const { client, log } = started;
      const device = await link(standIn, started);
      let readies = 1;
      let sent = 0;
      const stillWorks = async () => {
        const body = `message ${++sent}`;
        await device.receive({ body });
        await log.until('message', sent);
        const answer = await client.sendMessage('12025550123@c.us', `answer ${sent}`);
        expect(answer.body).toBe(`answer ${sent}`);
        expect((await device.nextSent()).body).toBe(`answer ${sent}`);
        expect(log.of('ready')).toHaveLength(readies);
        expect(await client.getState()).toBe('CONNECTED');
      };

      // The network breaks, and is back at once.
      device.drop();
      await log.until('ready', ++readies);
      await stillWorks();

      // The network breaks for a while, in which somebody writes.
      await standIn.setReachable(false);
      await device.waitUntilDisconnected();
      const arrival = device.receive({ body: `message ${++sent}` });
      await standIn.setReachable(true);
      await log.until('ready', ++readies);
      await arrival;
      await log.until('message', sent);
      await stillWorks();

      // Somebody reloads the page, twice without waiting.
      await client.pupPage?.reload();
      void client.pupPage?.reload().catch(() => undefined);
      await log.until('ready', ++readies);
      await stillWorks();

      // The page is reloaded while nothing can be reached.
      await standIn.setReachable(false);
      await client.pupPage?.reload().catch(() => undefined);
      expect(client.pupPage?.url()).toMatch(/^chrome-error:/);
      expect((await failureOf(client.sendMessage('12025550123@c.us', 'hi'))).code).toBe(
        'NOT_READY',
      );
      await standIn.setReachable(true);
      await log.until('ready', ++readies);
      await stillWorks();

      const bodies = log.of('message').map(([message]) => message.body);
      expect(bodies).toEqual(Array.from({ length: sent }, (_, at) => `message ${at + 1}`));
      expect(log.names('authenticated', 'disconnected')).toEqual(['authenticated']);
      await client.destroy();

      // The page has synced before anybody could attach to it.
      standIn.page.syncedAtBoot = true;
      const again = startClient(standIn, options);
      await again.log.until('ready');
      expect(again.log.names('qr', 'authenticated', 'ready')).toEqual(['authenticated', 'ready']);
      expect(device).toMatchObject({ lost: 0, corruption: [], maxConnections: 1 });
    });
  });

  test('works without the parts of the page that it can do without, and says what is missing', async () => {
    await withFolder(async (dataPath) => {
      const options: ClientOptions = { authStrategy: new LocalAuth({ dataPath }) };
      const first = startClient(standIn, options);
      await link(standIn, first);
      await first.client.destroy();

      const warnings = collectWarnings();
      try {
        standIn.page.withhold = [
          'WAWebUserPrefsMeUser',
          'WAWebCollections',
          'WAWebSendMsgChatAction',
        ];
        const { client, log } = startClient(standIn, options);
        await log.until('ready');
        expect(client.info).toBeUndefined();
        const error = await failureOf(client.sendMessage('12025550123@c.us', 'hello'));
        expect(error.code).toBe('PAGE_CHANGED');
        await client.destroy();
        expect(warnings.list.map(({ code }) => code)).toEqual(['PAGE_CHANGED', 'PAGE_CHANGED']);
        const said = warnings.list.map(({ message }) => message).join();
        expect(said).toContain('"WAWebUserPrefsMeUser"');
        expect(said).toContain('"WAWebCollections"');
      } finally {
        warnings.stop();
      }
    });
  });

  test('that finds the page changed after it had linked keeps its session', async () => {
    await withFolder(async (dataPath) => {
      const options: ClientOptions = { authStrategy: new LocalAuth({ dataPath }) };
      const first = startClient(standIn, options);
      const device = await link(standIn, first);
      await first.client.destroy();
      standIn.page.withhold = ['WAWebCmd'];
      const error = await failureOf(startClient(standIn, options).initialized);
      expect(error.message).toContain('"WAWebCmd"');
      nothingLeft();
      resetPage(standIn);
      const { log } = startClient(standIn, options);
      await log.until('ready');
      expect(log.of('qr')).toEqual([]);
      expect(device.linked).toBe(true);
    });
  });
});
