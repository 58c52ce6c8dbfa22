import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as WhatsAppWebJs from 'whatsapp-web.js';
import type { LocalAuthOptions } from '../../src/index.js';
import { installFolder, processesOfGroup, startProgram } from '../client/processes.js';
import {
  browsersOf,
  CHROMIUM,
  createClient,
  type Device,
  failureOf,
  LocalAuth,
  link,
  type StandIn,
  type StartedClient,
  startClient,
  startStandIn,
  TEMPORARY,
} from '../client/support.js';
import { browserArgs } from '../standin/stand-in.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

const newDataPath = () => mkdtempSync(path.join(TEMPORARY, 'data-'));
const start = (dataPath: string, clientId?: string): StartedClient =>
  startClient(standIn, { authStrategy: new LocalAuth({ dataPath, clientId }) });

/** A data path with a linked session in it, closed cleanly. */
async function linkedDataPath(): Promise<{ dataPath: string; session: string; device: Device }> {
  const dataPath = newDataPath();
  const started = start(dataPath);
  const device = await link(standIn, started);
  await started.client.destroy();
  return { dataPath, session: path.join(dataPath, 'session'), device };
}

async function expectLinked(dataPath: string): Promise<void> {
  const again = start(dataPath);
  await again.log.until('ready');
  expect(again.log.of('qr')).toEqual([]);
  await again.client.destroy();
}

async function startFailure(options: {
  dataPath: string;
  puppeteer?: object;
}): Promise<{ code: string; message: string }> {
  const { dataPath, puppeteer = {} } = options;
  const client = createClient(standIn, { authStrategy: new LocalAuth({ dataPath }), puppeteer });
  const { code, message } = await failureOf(client.initialize());
  expect(browsersOf(dataPath)).toEqual([]);
  return { code, message };
}

describe('the folder of a session', () => {
  test.each<[LocalAuthOptions, string]>([
    [{}, '.wwebjs_auth/session'],
    [{ clientId: 'sales_2-b' }, '.wwebjs_auth/session-sales_2-b'],
    [{ dataPath: 'here', clientId: '' }, 'here/session'],
  ])('is named as whatsapp-web.js names it: %o', async (options: LocalAuthOptions, folder) => {
    const authStrategy = new LocalAuth(options);
    const parent = path.resolve(options.dataPath ?? '.wwebjs_auth');
    expect(authStrategy.dataPath).toBe(parent);
    // Where the browser would be told to keep its profile; it is not started here.
    Object.assign(authStrategy, { dataPath: path.join(newDataPath(), path.basename(parent)) });
    const client = createClient(standIn, { authStrategy });
    await authStrategy.beforeBrowserInitialized();
    onTestFinished(() => authStrategy.destroy());
    const { userDataDir } = client.options.puppeteer;
    expect(userDataDir?.endsWith(`/${folder}`)).toBe(true);
    expect(userDataDir).toBe(authStrategy.userDataDir);
  });

  test.each(['../up', 'a b', 'a/b', 'ä', 5, {}])(
    'is not named %o: INVALID_CLIENT_ID',
    (clientId) => {
      expect(() => new LocalAuth({ clientId: clientId as string })).toThrow(
        expect.objectContaining({ code: 'INVALID_CLIENT_ID' }),
      );
    },
  );

  test.each([
    ['LocalAuth.clientID', { clientID: 'sales' }],
    ['LocalAuth.dataPath', { dataPath: 7 }],
    ['LocalAuth.rmMaxRetries', { rmMaxRetries: -1 }],
    ['LocalAuth.handleSignals', { handleSignals: 'no' }],
  ])('is not chosen by a mistaken option: INVALID_OPTION names %s', (name, options) => {
    expect(() => new LocalAuth(options as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
    );
  });

  test('made by whatsapp-web.js is used as it is', async () => {
    const dataPath = newDataPath();
    const theirs = new WhatsAppWebJs.Client({
      authStrategy: new WhatsAppWebJs.LocalAuth({ dataPath, clientId: 'moved' }),
      webVersionCache: { type: 'none' },
      puppeteer: { executablePath: CHROMIUM, args: browserArgs(standIn) },
    });
    // It attaches late, and waits for ever for a sync that is over.
    standIn.page.syncDelayMs = 2000;
    const ready = new Promise((resolve) => theirs.once('ready', () => resolve(undefined)));
    const qr = new Promise<string>((resolve) => theirs.once('qr', resolve));
    await theirs.initialize();
    const device = await standIn.phone.scan(await qr);
    await ready;
    await theirs.destroy();
    standIn.page.syncDelayMs = 50;

    const ours = start(dataPath, 'moved');
    await ours.log.until('ready');
    expect(ours.log.of('qr')).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  });
});

describe('a place that cannot be used is one clear error, and nothing is deleted:', () => {
  test('a file where the data path or the session should be', async () => {
    const dataPath = newDataPath();
    const file = path.join(dataPath, 'file');
    writeFileSync(file, 'mine');
    writeFileSync(path.join(dataPath, 'session'), 'mine');
    for (const place of [file, dataPath]) {
      const error = await startFailure({ dataPath: place });
      expect(error.code).toBe('DATA_PATH_UNUSABLE');
      expect(error.message).toMatch(/a file .* is in the way|a file is in the way/);
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readFileSync(path.join(dataPath, 'session'), 'utf8')).toBe('mine');
  });

  test('another userDataDir, as an option or an argument', async () => {
    for (const puppeteer of [
      { userDataDir: '/elsewhere' },
      { args: ['--user-data-dir=/elsewhere'] },
    ]) {
      const error = await startFailure({ dataPath: newDataPath(), puppeteer });
      expect(error.code).toBe('INCOMPATIBLE_OPTIONS');
      expect(error.message).toContain('/elsewhere');
    }
    expect(existsSync('/elsewhere')).toBe(false);
  });

  test('a browser that runs elsewhere', async () => {
    for (const puppeteer of [
      { browserWSEndpoint: 'ws://127.0.0.1:1' },
      { browserURL: 'http://127.0.0.1:1' },
    ]) {
      const dataPath = newDataPath();
      expect((await startFailure({ dataPath, puppeteer })).code).toBe('INCOMPATIBLE_OPTIONS');
      expect(readdirSync(dataPath)).toEqual([]);
    }
  });

  test('a folder that may not be written', async (context) => {
    const dataPath = newDataPath();
    const session = path.join(dataPath, 'session');
    mkdirSync(session);
    if (!runs('chattr', '+i', session)) context.skip('no file can be made immutable here');
    onTestFinished(() => void runs('chattr', '-i', session));
    const error = await startFailure({ dataPath });
    expect(error.code).toBe('DATA_PATH_UNUSABLE');
    expect(error.message).toContain('may not write');
  });

  test('a full disk', async (context) => {
    const dataPath = newDataPath();
    if (!runs('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dataPath)) {
      context.skip('no file system can be mounted here');
    }
    onTestFinished(() => void runs('umount', dataPath));
    mkdirSync(path.join(dataPath, 'session'));
    writeFileSync(path.join(dataPath, 'session', 'kept'), 'mine');
    const error = await startFailure({ dataPath });
    expect(error.code).toBe('DATA_PATH_UNUSABLE');
    expect(error.message).toContain('its disk is full');
    expect(readdirSync(path.join(dataPath, 'session'))).toEqual(['kept']);
  });
});

describe('a profile that somebody else uses', () => {
  test('in this process: PROFILE_IN_USE, and the first goes on', async () => {
    const dataPath = newDataPath();
    const first = start(dataPath);
    await first.initialized;
    const second = createClient(standIn, { authStrategy: new LocalAuth({ dataPath }) });
    const error = await failureOf(second.initialize());
    expect(error.code).toBe('PROFILE_IN_USE');
    expect(error.message).toContain(`this process (${process.pid})`);
    expect(await first.client.getState()).toBe('UNPAIRED');
    await first.client.destroy();
    await second.initialize();
  });

  const SCRIPT = `
    const { Client, LocalAuth } = require('holdfast');
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const { dataPath, args } = JSON.parse(process.env.CASE);
    const client = new Client({ authStrategy: new LocalAuth({ dataPath }), puppeteer: { args } });
    client.initialize().then(() => say('started', process.pid), (error) => say('refused', error.code + ' ' + error.message));
  `;

  test('two processes that start at once: one wins, the other names it', async () => {
    const dataPath = newDataPath();
    const env = { CASE: JSON.stringify({ dataPath, args: standIn.launchArgs }) };
    const programs = [1, 2].map(() => startProgram(SCRIPT, { env }));
    const outcomes = programs.map((program) =>
      Promise.race([
        program.until<number>('started').then((pid) => ({ pid })),
        program.until<string>('refused').then((refusal) => ({ refusal })),
      ]),
    );
    const [one, two] = await Promise.all(outcomes);
    const both = { ...one, ...two } as { pid: number; refusal: string };
    expect(both.refusal).toMatch(/^PROFILE_IN_USE .* process \d+\./s);
    expect(both.refusal).toContain(`process ${both.pid}.`);
    for (const program of programs) program.kill('SIGTERM');
    await Promise.all(programs.map((program) => program.exited));
    expect(browsersOf(dataPath)).toEqual([]);
  });

  test('a browser that outlived its process is ended, and the login kept', async () => {
    const { dataPath, session, device } = await linkedDataPath();
    // What a program leaves that drives its browser over a websocket and is killed.
    const orphan = `
      const puppeteer = require(${JSON.stringify(require.resolve('puppeteer-core'))});
      puppeteer.launch({
        executablePath: ${JSON.stringify(CHROMIUM)},
        args: ${JSON.stringify(browserArgs(standIn))},
        userDataDir: ${JSON.stringify(session)},
      }).then(async (browser) => {
        const [page] = await browser.pages();
        await page.goto('https://web.whatsapp.com/');
        process.stdout.write(JSON.stringify(['up', browser.process().pid]) + '\\n');
      });
    `;
    const program = startProgram(orphan, { folder: installFolder() });
    const group = await program.until<number>('up');
    onTestFinished(() => {
      if (processesOfGroup(group).length > 0) process.kill(-group, 'SIGKILL');
    });
    await device.waitUntilSynced();
    program.kill('SIGKILL');
    await program.exited;
    expect(processesOfGroup(group)).not.toEqual([]);
    await expectLinked(dataPath);
    expect(processesOfGroup(group)).toEqual([]);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
  });

  test('the lock of another host, as a container leaves it, does not keep a session', async () => {
    const { dataPath, session } = await linkedDataPath();
    rmSync(path.join(session, 'SingletonLock'), { force: true });
    symlinkSync('another-container-7', path.join(session, 'SingletonLock'));
    await expectLinked(dataPath);
  });
});

describe('a profile that a crash has left', () => {
  const LOGIN = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';

  test('with half a record at the end of a log is still linked at the third start', async () => {
    const { dataPath, session, device } = await linkedDataPath();
    const database = path.join(session, LOGIN);
    const log =
      readdirSync(database)
        .filter((name) => name.endsWith('.log'))
        .at(-1) ?? '';
    const file = path.join(database, log);
    // A record header that promises more than there is.
    writeFileSync(file, Buffer.from([1, 2, 3, 4, 200, 0, 1, 9, 9, 9]), { flag: 'a' });
    for (let n = 1; n <= 3; n++) {
      await expectLinked(dataPath);
      expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
    }
  });

  test('damaged is moved aside and said so; the next start shows a QR', async () => {
    const { dataPath, session } = await linkedDataPath();
    const whole = newDataPath();
    cpSync(session, path.join(whole, 'session'), { recursive: true, verbatimSymlinks: true });
    const database = path.join(session, LOGIN);
    const manifest = readdirSync(database).find((name) => name.startsWith('MANIFEST')) ?? '';
    truncateSync(path.join(database, manifest), 20);

    const error = await startFailure({ dataPath });
    expect(error.code).toBe('PROFILE_DAMAGED');
    const [aside = ''] = readdirSync(dataPath).filter((name) => name.includes('damaged'));
    expect(error.message).toContain(path.join(dataPath, aside));
    expect(existsSync(path.join(dataPath, aside, LOGIN, manifest))).toBe(true);
    expect(existsSync(session)).toBe(false);

    const next = start(dataPath);
    await next.log.until('qr');
    await next.client.destroy();
    // What a backup brings back is used again.
    rmSync(session, { recursive: true });
    cpSync(path.join(whole, 'session'), session, { recursive: true, verbatimSymlinks: true });
    await expectLinked(dataPath);
  });
});

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
