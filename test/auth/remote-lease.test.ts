import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installFolder, type Program, startProgram, until } from '../client/processes.js';
import { browsersOf, link, type StandIn, startStandIn } from '../client/support.js';
import { newFolder, startRemote, UnreliableStore } from './remote-sessions.js';

const TERM_MS = 3000;

const SCRIPT = `
  const { Client, FileStore, RemoteAuth } = require('holdfast');
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const { ARGS, STORE, OPTIONS } = process.env;
  const client = new Client({
    authStrategy: new RemoteAuth({
      store: new FileStore({ path: STORE }),
      leaseTermMs: ${TERM_MS},
      ...JSON.parse(OPTIONS),
    }),
    puppeteer: { args: JSON.parse(ARGS) },
  });
  const events = ['qr', 'ready', 'session_restored', 'session_saved', 'lease_waiting', 'lease_lost',
    'disconnected'];
  for (const event of events) client.on(event, (payload) => say(event, payload));
  client.initialize().then(() => say('initialized'), (error) => say('failed', error.code));
`;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

/** Programs that share a store; each has a disk of its own. */
function newFleet() {
  const store = newFolder();
  return (options: object = {}): Program =>
    startProgram(SCRIPT, {
      folder: installFolder(),
      env: {
        ARGS: JSON.stringify(standIn.launchArgs),
        STORE: `${store}/store`,
        OPTIONS: JSON.stringify(options),
      },
    });
}

async function linkFirst(start: ReturnType<typeof newFleet>) {
  const first = start();
  const device = await standIn.phone.scan(await first.until('qr'));
  await first.until('session_saved');
  return { first, device };
}

const whole = { linked: true, lost: 0, corruption: [], maxConnections: 1 };

describe('two processes that want one session', () => {
  it('have it one after the other: the second waits until the first is told to end', async () => {
    const start = newFleet();
    const { first, device } = await linkFirst(start);
    const second = start();
    expect(await second.until('lease_waiting')).toMatchObject({
      session: 'RemoteAuth',
      holder: { pid: first.pid, termMs: TERM_MS },
    });
    expect(second.names()).toEqual(['lease_waiting']);
    first.kill('SIGTERM');
    await second.until('ready');
    expect(second.names()).not.toContain('qr');
    expect(device).toMatchObject(whole);
  });

  it("fail with onLeaseHeld: 'fail' as soon as the holder is seen to live", async () => {
    const start = newFleet();
    const { device } = await linkFirst(start);
    const second = start({ onLeaseHeld: 'fail' });
    expect(await second.until('failed')).toBe('LEASE_HELD');
    expect(await second.exited).toMatchObject({ code: 0 });
    expect(device).toMatchObject(whole);
  });

  it("hand it over with onLeaseHeld: 'takeover'", async () => {
    const start = newFleet();
    const { first, device } = await linkFirst(start);
    await device.receive({ body: 'to be saved by the first' });
    const second = start({ onLeaseHeld: 'takeover' });
    await second.until('ready');
    expect(await first.until('disconnected')).toBe('LEASE_LOST');
    expect(first.names()).toContain('lease_lost');
    expect(await first.exited).toMatchObject({ code: 0 });
    expect(second.names()).not.toContain('qr');
    expect(device).toMatchObject(whole);
  });

  it('do not wait when the holder was killed on this machine, nor meet its browser', async () => {
    const start = newFleet();
    const { first, device } = await linkFirst(start);
    first.kill('SIGKILL');
    const second = start();
    await second.until('ready');
    expect(second.names()).not.toContain('lease_waiting');
    expect(second.names()).not.toContain('qr');
    expect(device).toMatchObject({ linked: true, corruption: [], maxConnections: 1 });
  });

  it('never have it at once, also when a stopped holder goes on after its term', async () => {
    const start = newFleet();
    const { first, device } = await linkFirst(start);
    first.kill('SIGSTOP');
    const second = start();
    await second.until('ready');
    first.kill('SIGCONT');
    expect(await first.until('disconnected')).toBe('LEASE_LOST');
    await first.exited;
    await device.receive({ body: 'to the second' });
    expect(second.names()).not.toContain('disconnected');
    expect(device).toMatchObject({ linked: true, corruption: [], maxConnections: 1 });
    expect(device.connections).toBe(1);
  });
});

describe('a holder', () => {
  it('that was stopped for less than its term goes on by itself', async () => {
    const start = newFleet();
    const { first, device } = await linkFirst(start);
    first.kill('SIGSTOP');
    await device.waitUntilDisconnected();
    first.kill('SIGCONT');
    await device.waitUntilSynced();
    await until('second ready', () => first.names().filter((name) => name === 'ready').length > 1);
    await device.receive({ body: 'after the stop' });
    expect(first.names()).not.toContain('lease_lost');
    expect(first.names()).not.toContain('disconnected');
    expect(device).toMatchObject(whole);
  });

  it('that cannot renew does not take the session back from whoever has it', async () => {
    const store = new UnreliableStore();
    const authOptions = { store, leaseTermMs: TERM_MS };
    const holder = startRemote(standIn, authOptions, { takeoverOnConflict: true });
    const device = await link(standIn, holder);
    await holder.log.until('session_saved');
    // As long as it renews, a conflict is somebody's mistake.
    device.conflict();
    await holder.log.until('change_state');
    await device.waitUntilSynced();
    expect(holder.log.of('disconnected')).toEqual([]);

    store.isAway = () => true;
    await until('end of its term', () => !holder.authStrategy.isHeld);
    expect(holder.log.of('disconnected')).toEqual([]);
    device.conflict();
    expect(await holder.log.until('disconnected')).toEqual(['CONFLICT']);
    store.isAway = () => false;
  });

  it('whose session was removed by somebody closes, and saves nothing any more', async () => {
    const store = new UnreliableStore();
    const holder = startRemote(standIn, { store, backupSyncIntervalMs: 200 });
    const device = await link(standIn, holder);
    await holder.log.until('session_saved');
    // What `holdfast rm` does to a holder that it takes for dead.
    for await (const { key } of store.list('workers/')) await store.delete([key]);
    await store.delete({ session: 'RemoteAuth' });
    await device.receive({ body: 'nobody keeps it' });
    expect(await holder.log.until('disconnected')).toEqual(['LEASE_LOST']);
    expect(holder.log.names('lease_lost')).toEqual(['lease_lost']);
    expect(await store.sessionExists({ session: 'RemoteAuth' })).toBe(false);
    expect(browsersOf(holder.authStrategy.dataPath)).toEqual([]);
  });
});
