import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import type { FleetSessionState, SessionView } from '../../src/fleet/session-view.js';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import { HolderWatch } from '../../src/snapshot/lease/holder-watch.js';
import { newFolder } from '../auth/remote-sessions.js';
import {
  installFolder,
  type Program,
  processesOfGroup,
  startProgram,
  until,
} from '../client/processes.js';
import { BUILD, browsersOf, type Device, type StandIn, startStandIn } from '../client/support.js';
import { WrappedStore } from '../snapshot/support/wrapped-store.js';

const TERM_MS = 3000;

const SCRIPT = `
  const { FileStore } = require('holdfast');
  const { Fleet } = require(process.env.FLEET);
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const fleet = new Fleet({
    store: new FileStore({ path: process.env.STORE }),
    encryptionKey: Buffer.alloc(32, 7),
    dataPath: './profiles',
    address: 'http://' + process.pid,
    capacity: 5,
    leaseTermMs: ${TERM_MS},
    puppeteer: { args: JSON.parse(process.env.ARGS) },
  });
  fleet.on('session', (view) => say('session', { ...view, qr: fleet.get(view.id)?.qr }));
  fleet.on('released', (id) => say('session', { id, state: 'waiting' }));
  fleet.on('log', (entry) => say('log', entry));
  fleet.start().then(async () => {
    for (const id of JSON.parse(process.env.IDS)) await fleet.add(id);
    say('started');
  });
  process.on('SIGTERM', () => fleet.stop().then(() => say('stopped')));
  process.on('SIGUSR2', () => fleet.get('a')?.rollBack(1).then(() => say('rolled back'),
    (error) => say('not rolled back', error.message)));
`;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

/** Workers that share a store; each has a disk of its own. */
function newWorkers() {
  const store = `${newFolder()}/store`;
  const all: Program[] = [];
  const start = (ids: string[] = []): Program => {
    const program = startProgram(SCRIPT, {
      folder: installFolder(),
      env: {
        ARGS: JSON.stringify(standIn.launchArgs),
        FLEET: `${BUILD}/fleet/fleet.js`,
        IDS: JSON.stringify(ids),
        STORE: store,
      },
    });
    all.push(program);
    return program;
  };
  const isIn = (program: Program, id: string, state: FleetSessionState) =>
    viewOf(program, id)?.state === state;
  const untilIn = async (id: string, state: FleetSessionState, among = all): Promise<Program> => {
    const find = () => among.find((program) => isIn(program, id, state));
    await until(`${id} to be ${state}`, () => find() !== undefined);
    return find() as Program;
  };
  const link = async (id: string): Promise<Device> => {
    const holder = await untilIn(id, 'qr');
    const view = viewOf(holder, id) as unknown as { qr: string };
    const device = await standIn.phone.scan(view.qr);
    await untilIn(id, 'ready');
    await until(`${id} to be saved`, () => (viewOf(holder, id)?.lastSave ?? null) !== null);
    return device;
  };
  return { start, untilIn, link };
}

function viewOf(program: Program, id: string): SessionView | undefined {
  const views = program.events.filter(([name]) => name === 'session').map(([, view]) => view);
  return (views as SessionView[]).findLast((view) => view.id === id);
}

const whole = { linked: true, corruption: [], maxConnections: 1, overlaps: [] };

it('what a killed worker held is ready on the other one, and is released at the end', async () => {
  const { start, untilIn, link } = newWorkers();
  const workers = [start(['a', 'b']), start()];
  const devices = [await link('a'), await link('b')];
  const holder = await untilIn('a', 'ready');
  const other = workers.find((worker) => worker !== holder) as Program;
  holder.kill('SIGKILL');
  for (const id of ['a', 'b']) await untilIn(id, 'ready', [other]);
  const states = other.events.map(([, view]) => (view as SessionView | undefined)?.state);
  expect(states.slice(states.indexOf('stopping'))).not.toContain('qr');
  for (const device of devices) expect(device).toMatchObject(whole);

  other.kill('SIGUSR2');
  await other.until('rolled back');
  await untilIn('a', 'ready', [other]);
  other.kill('SIGTERM');
  await other.until('stopped');
  expect(await other.exited).toMatchObject({ code: 0 });
  for (const device of devices) expect(device).toMatchObject(whole);
  expect(browsersOf()).toEqual([]);
});

it('a worker that was stopped for more than its term begins anew, and holds nothing twice', async () => {
  const { start, untilIn, link } = newWorkers();
  const workers = [start(['c']), start()];
  const device = await link('c');
  const holder = await untilIn('c', 'ready');
  const other = workers.find((worker) => worker !== holder) as Program;
  onTestFinished(() => holder.kill('SIGCONT'));
  holder.kill('SIGSTOP');
  await untilIn('c', 'ready', [other]);
  holder.kill('SIGCONT');
  const lost = () =>
    holder.events.some(([, entry]) => (entry as { event?: string })?.event === 'worker_lost');
  await until('it to find out', lost);
  await untilIn('c', 'waiting', [holder]);
  await device.receive({ body: 'to the other' });
  expect(device).toMatchObject(whole);
  expect(device.connections).toBe(1);
  for (const worker of workers) worker.kill('SIGTERM');
  for (const worker of workers) expect(await worker.exited).toMatchObject({ code: 0 });
  expect(browsersOf()).toEqual([]);
});

it.each(['closes', 'hangs'])(
  'no browser of a worker that cannot renew runs when others may take its sessions over (%s)',
  async (how) => {
    const shared = new MemoryObjects();
    const store = new WrappedStore(shared);
    const fleet = new Fleet({
      store,
      encryptionKey: Buffer.alloc(32, 7),
      dataPath: newFolder(),
      address: 'http://here',
      capacity: 5,
      leaseTermMs: TERM_MS,
      puppeteer: { args: standIn.launchArgs },
    });
    onTestFinished(() => fleet.stop());
    await fleet.start();
    await fleet.add('d');
    const session = () => fleet.get('d');
    await until('a QR', () => (session()?.qr ?? null) !== null);
    const device = await standIn.phone.scan(session()?.qr ?? '');
    await until('it to be saved', () => (session()?.view.lastSave ?? null) !== null);
    const pid = session()?.browserPid ?? 0;
    expect(processesOfGroup(pid)).not.toEqual([]);

    const watch = new HolderWatch(shared, fleet.self.id);
    if (how === 'hangs') process.kill(pid, 'SIGSTOP');
    store.fault = () => 'fail';
    await until('it to be taken for dead', async () => (await watch.look()).is === 'gone');
    expect(processesOfGroup(pid)).toEqual([]);
    store.fault = () => null;
    await until('it to be ready again', () => session()?.view.state === 'ready');
    expect(device).toMatchObject(whole);
  },
);
