import { existsSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as WhatsAppWebJs from 'whatsapp-web.js';
import type { AuthStrategy as AuthStrategyType, ClientOptions } from '../../src/index.js';
import {
  AuthStrategy,
  browsersOf,
  collectWarnings,
  link,
  type StandIn,
  startClient,
  startStandIn,
  TEMPORARY,
  temporaryProfiles,
} from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

const newDataPath = () => mkdtempSync(path.join(TEMPORARY, 'data-'));

const HOOKS = [
  'setup',
  'beforeBrowserInitialized',
  'afterBrowserInitialized',
  'onAuthenticationNeeded',
  'getAuthEventPayload',
  'afterAuthReady',
  'disconnect',
  'destroy',
  'logout',
] as const;

/** Writes down which hooks are called, and whether the client had a browser then. */
function record(strategy: object): { calls: string[] } {
  const calls: string[] = [];
  const hooks = strategy as Record<string, (...args: unknown[]) => unknown>;
  let client: { pupBrowser?: unknown } | undefined;
  for (const name of HOOKS) {
    const hook = hooks[name]?.bind(strategy);
    hooks[name] = (...args) => {
      if (name === 'setup') client = args[0] as typeof client;
      calls.push(client?.pupBrowser ? `${name} (browser)` : name);
      return hook?.(...args);
    };
  }
  return { calls };
}

const START = ['beforeBrowserInitialized', 'afterBrowserInitialized (browser)'];
const ASK = ['onAuthenticationNeeded (browser)'];
const READY = ['getAuthEventPayload (browser)', 'afterAuthReady (browser)'];

class KeepingAuth extends AuthStrategy {
  readonly dataPath = newDataPath();
  override async beforeBrowserInitialized(): Promise<void> {
    this.client.options.puppeteer = {
      ...this.client.options.puppeteer,
      userDataDir: this.dataPath,
    };
  }
  override async getAuthEventPayload(): Promise<unknown> {
    return { told: 'by the strategy' };
  }
}

describe('the hooks of a strategy', () => {
  test('come in this order through start, link, stop, restart, conflict, unlink and logout', async () => {
    const authStrategy = new KeepingAuth();
    const { calls } = record(authStrategy);
    const taken = () => calls.splice(0);
    const started = startClient(standIn, { authStrategy });
    const { client, log } = started;
    const device = await link(standIn, started);
    expect(taken()).toEqual(['setup', ...START, ...ASK, ...READY]);
    expect(log.of('authenticated')).toEqual([[{ told: 'by the strategy' }]]);

    await client.destroy();
    expect(taken()).toEqual(['destroy']);

    await client.initialize();
    await log.until('ready', 2);
    expect(taken()).toEqual([...START, ...READY]);

    device.conflict();
    await log.until('disconnected');
    expect(taken()).toEqual(['disconnect', 'destroy']);

    await client.initialize();
    await log.until('ready', 3);
    client.pupBrowser?.process()?.kill('SIGKILL');
    await log.until('disconnected', 2);
    expect(taken()).toEqual([...START, ...READY, 'disconnect', 'destroy']);

    await client.initialize();
    await log.until('ready', 4);
    taken();
    device.unlink();
    const [qr] = await log.until('qr', 2);
    expect(taken()).toEqual(['logout', ...START, ...ASK]);

    await standIn.phone.scan(qr);
    await log.until('ready', 5);
    taken();
    await client.logout();
    expect(taken()).toEqual(['logout', 'destroy']);
  });

  test('may all be left out', async () => {
    const { client, log, initialized } = startClient(standIn, { authStrategy: {} });
    await initialized;
    await log.until('qr');
    await client.destroy();
  });

  test.each([['beforeBrowserInitialized'], ['afterBrowserInitialized']] as const)(
    'an error of %s rejects initialize(), and nothing is left',
    async (hook) => {
      const authStrategy = new KeepingAuth();
      authStrategy[hook] = async () => {
        throw new Error('the disk is on fire');
      };
      const { calls } = record(authStrategy);
      const { initialized, log } = startClient(standIn, { authStrategy });
      await expect(initialized).rejects.toThrow('the disk is on fire');
      expect(calls.at(-1)).toBe('destroy');
      expect(log.names()).toEqual([]);
      expect(browsersOf()).toEqual([]);
    },
  );

  test('an error of onAuthenticationNeeded rejects initialize() too', async () => {
    const authStrategy = new KeepingAuth();
    authStrategy.onAuthenticationNeeded = async () => {
      throw new Error('the vault is closed');
    };
    const { initialized, log } = startClient(standIn, { authStrategy });
    await expect(initialized).rejects.toThrow('the vault is closed');
    expect(log.names('qr', 'auth_failure', 'disconnected')).toEqual([]);
    expect(browsersOf()).toEqual([]);
  });

  test('errors of the others are warned of, and the client goes on', async () => {
    const authStrategy = new KeepingAuth();
    for (const hook of ['getAuthEventPayload', 'afterAuthReady', 'disconnect', 'logout'] as const) {
      authStrategy[hook] = async () => {
        throw new Error(`no ${hook}`);
      };
    }
    const warnings = collectWarnings();
    const started = startClient(standIn, { authStrategy });
    const device = await link(standIn, started);
    device.unlink();
    const [qr] = await started.log.until('qr', 2);
    const next = await standIn.phone.scan(qr);
    await started.log.until('ready', 2);
    next.conflict();
    await started.log.until('disconnected', 2);
    // Node tells of warnings after all that is ready to run has run.
    await new Promise(setImmediate);
    warnings.stop();
    const failed = warnings.list.map(({ message }) => /no (\w+)$/.exec(message)?.[1]);
    expect(failed).toEqual([
      ...['getAuthEventPayload', 'afterAuthReady', 'logout'],
      ...['getAuthEventPayload', 'afterAuthReady', 'disconnect'],
    ]);
  });

  test('an error of destroy() or logout() reaches who called the client, once all is closed', async () => {
    const authStrategy = new KeepingAuth();
    authStrategy.destroy = async () => {
      throw new Error('the last save failed');
    };
    const first = startClient(standIn, { authStrategy });
    await first.initialized;
    await expect(first.client.destroy()).rejects.toThrow('the last save failed');
    expect(browsersOf()).toEqual([]);
    authStrategy.destroy = async () => undefined;

    authStrategy.logout = async () => {
      throw new Error('the folder is stuck');
    };
    const second = startClient(standIn, { authStrategy });
    const device = await link(standIn, second);
    await expect(second.client.logout()).rejects.toThrow('the folder is stuck');
    expect(device.linked).toBe(false);
    expect(second.log.of('disconnected')).toEqual([['LOGOUT']]);
    expect(browsersOf()).toEqual([]);
  });
});

describe('a strategy that says its login is of no use', () => {
  test('ends the client with auth_failure and its payload', async () => {
    const authStrategy = new KeepingAuth();
    authStrategy.onAuthenticationNeeded = async () => ({
      failed: true,
      failureEventPayload: 'expired',
    });
    const { client, log, initialized } = startClient(standIn, { authStrategy });
    const running: unknown[] = [];
    client.on('auth_failure', () => running.push(...browsersOf(), client.pupBrowser));
    await initialized;
    expect(log.names('qr', 'auth_failure', 'disconnected')).toEqual(['auth_failure']);
    expect(log.of('auth_failure')).toEqual([['expired']]);
    expect(running).toEqual([null]);
  });

  test('and restart: true starts again without it', async () => {
    const authStrategy = new KeepingAuth();
    let failures = 0;
    authStrategy.onAuthenticationNeeded = async () =>
      failures++ === 0 ? { failed: true, restart: true } : undefined;
    const { client, log, initialized } = startClient(standIn, { authStrategy });
    await initialized;
    await log.until('qr');
    expect(log.names('auth_failure', 'qr')).toEqual(['auth_failure', 'qr']);
    expect(client.pupBrowser?.connected).toBe(true);
  });

  test('and restart: true does not start again what a listener has destroyed', async () => {
    const authStrategy = new KeepingAuth();
    authStrategy.onAuthenticationNeeded = async () => ({ failed: true, restart: true });
    const { client, log, initialized } = startClient(standIn, { authStrategy });
    client.once('auth_failure', () => client.destroy());
    await initialized;
    expect(log.names('qr', 'auth_failure', 'disconnected')).toEqual(['auth_failure']);
    expect(browsersOf()).toEqual([]);
    expect(temporaryProfiles()).toEqual([]);
  });
});

describe('strategies of whatsapp-web.js, unchanged', () => {
  type BaseClass = new () => { client: { options: ClientOptions } };

  test('one that extends its BaseAuthStrategy keeps a login', async () => {
    const base = '../../node_modules/whatsapp-web.js/src/authStrategies/BaseAuthStrategy.js';
    const { default: BaseAuthStrategy } = (await import(base)) as { default: BaseClass };
    const userDataDir = newDataPath();
    class FolderAuth extends BaseAuthStrategy {
      async beforeBrowserInitialized() {
        this.client.options.puppeteer = { ...this.client.options.puppeteer, userDataDir };
      }
      async getAuthEventPayload() {
        return { from: 'FolderAuth' };
      }
    }
    const first = startClient(standIn, { authStrategy: new FolderAuth() });
    await link(standIn, first);
    expect(first.log.of('authenticated')).toEqual([[{ from: 'FolderAuth' }]]);
    await first.client.destroy();
    const second = startClient(standIn, { authStrategy: new FolderAuth() });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
  });

  test('its LocalAuth keeps a login, and removes it on logout', async () => {
    const dataPath = newDataPath();
    const newAuth = () =>
      new WhatsAppWebJs.LocalAuth({ dataPath, clientId: 'theirs' }) as unknown as AuthStrategyType;
    const first = startClient(standIn, { authStrategy: newAuth() });
    const device = await link(standIn, first);
    await first.client.destroy();
    const second = startClient(standIn, { authStrategy: newAuth() });
    await second.log.until('ready');
    expect(second.log.of('qr')).toEqual([]);
    await second.client.logout();
    expect(device.linked).toBe(false);
    expect(existsSync(path.join(dataPath, 'session-theirs'))).toBe(false);
  });

  test('its LocalAuth refuses a userDataDir: initialize() says so', async () => {
    const authStrategy = new WhatsAppWebJs.LocalAuth({ dataPath: newDataPath() });
    const puppeteer = { userDataDir: newDataPath() };
    const options = { authStrategy: authStrategy as unknown as AuthStrategyType, puppeteer };
    const { initialized } = startClient(standIn, options);
    await expect(initialized).rejects.toThrow('not compatible');
  });
});
