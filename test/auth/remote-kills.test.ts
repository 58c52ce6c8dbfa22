import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHead } from '../../src/snapshot/open-session.js';
import { installFolder, type Program, startProgram } from '../client/processes.js';
import { type Device, FileStore, type StandIn, startStandIn } from '../client/support.js';
import { newFolder } from './remote-sessions.js';

/** Runs one client, and kills itself with everything it has at a request to the store. */
const SCRIPT = `
  const { Client, FileStore, RemoteAuth } = require('holdfast');
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const { ARGS, STORE, KILL } = process.env;
  const { method, key, nth, after, from } = JSON.parse(KILL);
  const store = new FileStore({ path: STORE });
  let isArmed = from === 'start';
  let seen = 0;
  const die = () => {
    const browser = client.pupBrowser?.process();
    if (browser) process.kill(-browser.pid, 'SIGKILL');
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
  if (method) {
    const original = store[method].bind(store);
    store[method] = async (...args) => {
      const what = Array.isArray(args[0]) ? args[0].join() : String(args[0]);
      const isHit = isArmed && what.startsWith(key) && ++seen === nth;
      if (isHit && !after) return die();
      const result = await original(...args);
      if (isHit) return die();
      return result;
    };
  }
  const client = new Client({
    authStrategy: new RemoteAuth({
      store,
      // A logout is not to meet a save.
      backupSyncIntervalMs: from === 'logout' ? 60_000 : 200,
      retention: { snapshots: 2 },
    }),
    puppeteer: { args: JSON.parse(ARGS) },
  });
  for (const event of ['qr', 'session_saved', 'session_restored']) {
    client.on(event, (payload) => say(event, payload));
  }
  client.on('ready', async () => {
    say('ready');
    if (from === 'saved') client.once('session_saved', () => { isArmed = true; });
    if (from !== 'logout') return;
    await new Promise((resolve) => client.once('session_saved', resolve));
    isArmed = true;
    await client.logout();
    say('logged out');
  });
  client.initialize();
`;

interface Kill {
  what: string;
  method?: string;
  /** What the request's key begins with, and the how manieth of these. */
  key?: string;
  nth?: number;
  /** Once the store has done what was asked. */
  after?: boolean;
  /** From when on requests are counted. */
  from?: 'start' | 'saved' | 'logout';
}

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

class Scene {
  readonly #storeFolder = path.join(newFolder(), 'store');
  readonly store = new FileStore({ path: this.#storeFolder });

  /** @param folder where its disk is */
  start(kill: Kill, folder = installFolder()): Program {
    return startProgram(SCRIPT, {
      folder,
      env: {
        ARGS: JSON.stringify(standIn.launchArgs),
        STORE: this.#storeFolder,
        KILL: JSON.stringify(kill),
      },
    });
  }

  async link(kill: Kill, folder?: string): Promise<{ device: Device; program: Program }> {
    const program = this.start(kill, folder);
    const device = await standIn.phone.scan(await program.until('qr'));
    return { device, program };
  }

  async state() {
    return (await readHead(this.store, 'RemoteAuth'))?.decoded.head.state;
  }
}

const PACK = 'packs/RemoteAuth/';
const HEAD = 'heads/RemoteAuth';

const FIRST_SAVE: Kill[] = [
  { what: 'its first pack', method: 'put', key: PACK, nth: 1 },
  { what: 'the commit', method: 'swapCell', key: HEAD, nth: 2 },
];
const LATER: Kill[] = [
  { what: 'a pack', method: 'put', key: PACK, nth: 1, after: true, from: 'saved' },
  { what: 'a commit', method: 'swapCell', key: HEAD, nth: 1, from: 'saved' },
  {
    what: 'a commit that happened',
    method: 'swapCell',
    key: HEAD,
    nth: 1,
    after: true,
    from: 'saved',
  },
  { what: 'retention', method: 'delete', key: PACK, nth: 1, from: 'saved' },
];
const RESTORES: Kill[] = [
  { what: 'taking the lease', method: 'swapCell', key: HEAD, nth: 1, after: true, from: 'start' },
  { what: 'its first read', method: 'get', key: PACK, nth: 1, from: 'start' },
  { what: 'its last reads', method: 'get', key: PACK, nth: 3, after: true, from: 'start' },
];
const LOGOUTS: Kill[] = [
  { what: 'before the tombstone', method: 'swapCell', key: HEAD, nth: 1, from: 'logout' },
  {
    what: 'after the tombstone',
    method: 'swapCell',
    key: HEAD,
    nth: 1,
    after: true,
    from: 'logout',
  },
  { what: 'before the packs go', method: 'delete', key: PACK, nth: 1, from: 'logout' },
];

async function expectLinked(scene: Scene, device: Device, folder: string): Promise<void> {
  const program = scene.start({ what: 'nothing' }, folder);
  await program.until('ready');
  expect(program.names()).not.toContain('qr');
  expect(device).toMatchObject({ linked: true, corruption: [], maxConnections: 1 });
  program.kill('SIGTERM');
  await program.exited;
}

describe('kill -9 of everything', () => {
  for (const kill of FIRST_SAVE) {
    it(`in the first save, at ${kill.what}, loses nothing that is on the disk`, async () => {
      const scene = new Scene();
      const folder = installFolder();
      const { device, program } = await scene.link({ ...kill, from: 'start' }, folder);
      await program.exited;
      await expectLinked(scene, device, folder);
      expect(device.lost).toBe(0);
    });
  }

  for (const kill of LATER) {
    it(`in a later save, at ${kill.what}, leaves a session that opens on an empty disk`, async () => {
      const scene = new Scene();
      const { device, program } = await scene.link(kill);
      await program.until('session_saved');
      const traffic = device.startTraffic({ perSecond: 50, bytes: 500 });
      await program.exited;
      traffic.end();
      await expectLinked(scene, device, installFolder());
    });
  }

  for (const kill of RESTORES) {
    it(`in a restore, at ${kill.what}, leaves a session that opens`, async () => {
      const scene = new Scene();
      const { device, program } = await scene.link({ what: 'nothing' });
      await program.until('session_saved');
      program.kill('SIGTERM');
      await program.exited;
      const folder = installFolder();
      await scene.start(kill, folder).exited;
      await expectLinked(scene, device, folder);
      expect(device.lost).toBe(0);
    });
  }

  for (const kill of LOGOUTS) {
    it(`in a logout, ${kill.what}: the session is gone after the next start`, async () => {
      const scene = new Scene();
      const folder = installFolder();
      const { device, program } = await scene.link(kill, folder);
      await program.exited;
      expect(device.linked).toBe(false);
      const next = scene.start({ what: 'nothing' }, folder);
      await next.until('qr');
      expect(next.names()).not.toContain('session_restored');
      expect(await scene.state()).toBe('logged-out');
      const packs: string[] = [];
      for await (const { key } of scene.store.list(PACK)) packs.push(key);
      expect(packs).toEqual([]);
      next.kill('SIGTERM');
      await next.exited;
    });
  }
});
