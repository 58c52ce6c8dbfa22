import { expect, it } from 'vitest';
import { rosterKey, shardOf } from '../../src/fleet/roster/roster-cell.js';
import { takeSession } from '../../src/snapshot/lease/take-session.js';
import { Worker } from '../../src/snapshot/lease/worker.js';
import { until } from '../client/processes.js';
import { rejection } from '../snapshot/support/sessions.js';
import { newFleets, TERM_MS, type TestFleet } from './support/fleets.js';

const counts = (...fleets: TestFleet[]) => fleets.map(({ fleet }) => fleet.held().length);
const ids = (count: number) => Array.from({ length: count }, (_, at) => `s${at + 1}`);
const happened = async ({ fleet }: TestFleet, id: string) =>
  (await fleet.history(id)).map((it) => (it.what === 'state' ? it.state : it.what));

it.concurrent('workers that start together share the sessions out, and one that stops hands its own over', async ({
  onTestFinished,
}) => {
  const { world, start } = newFleets(onTestFinished);
  const first = await start();
  for (const id of ids(9)) {
    world.linked.add(id);
    await first.fleet.add(id);
  }
  const [second, third] = await Promise.all([start(), start()]);
  await until('each to hold its share', () =>
    counts(first, second, third).every((count) => count === 3),
  );
  await until('all to be open', () => world.open.size === 9);
  expect(first.fleet.workers()).toHaveLength(3);
  const [moved] = second.fleet.held();
  expect(first.fleet.holderOf(moved?.id ?? '')).toMatchObject({ address: 'http://worker-2' });

  await second.fleet.stop();
  expect(second.fleet.isReady).toBe(false);
  await until('the others to have taken them', () => world.open.size === 9);
  expect(counts(first, third).sort()).toEqual([4, 5]);
  expect(world.overlaps).toEqual([]);
});

it.concurrent('one that is slow to close keeps no other of a worker that stops from being taken', async ({
  onTestFinished,
}) => {
  const { world, start } = newFleets(onTestFinished);
  const [first, second] = await Promise.all([start(), start()]);
  for (const id of ids(6)) {
    world.linked.add(id);
    await first.fleet.add(id);
  }
  await until('all to be open', () => world.open.size === 6);
  const slow = second.fleet.held()[0]?.id ?? '';
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  world.closing = async (id) => (id === slow ? closed : undefined);
  const stopped = second.fleet.stop();
  await until('the others to be taken', () => counts(first)[0] === 5 && world.open.size === 6);
  expect(second.fleet.held().map(({ id }) => id)).toEqual([slow]);
  expect(first.fleet.holderOf(slow)).toMatchObject({ id: second.fleet.self.id });
  close();
  await stopped;
  await until('it to be taken too', () => counts(first)[0] === 6 && world.open.size === 6);
  expect(world.overlaps).toEqual([]);
});

it.concurrent('a worker that joins later gets its share, and what no worker has room for waits', async ({
  onTestFinished,
}) => {
  const { world, start, view, untilState } = newFleets(onTestFinished);
  const first = await start({ capacity: 4 });
  for (const id of ids(6)) {
    world.linked.add(id);
    await first.fleet.add(id);
  }
  await until('the first to be full', () => world.open.size === 4);
  const waiting = ids(6).filter((id) => !world.open.has(id));
  for (const id of waiting) {
    expect(view(id)).toMatchObject({ state: 'waiting', worker: null });
    expect(view(id).alerts).toMatchObject([{ code: 'NO_CAPACITY' }]);
  }
  const second = await start({ capacity: 4 });
  for (const id of waiting) await untilState(id, 'ready');
  await until('an even share', () => counts(first, second).join() === '3,3');
  await until('all to be open', () => world.open.size === 6);
  expect(world.overlaps).toEqual([]);
});

it.concurrent('what a crashed worker held is taken over one term after it was last heard of', async ({
  onTestFinished,
}) => {
  const { world, start } = newFleets(onTestFinished);
  const [first, second] = await Promise.all([start(), start()]);
  for (const id of ids(4)) {
    world.linked.add(id);
    await first.fleet.add(id);
  }
  await until('all to be held', () => counts(first, second).join() === '2,2');
  await until('all to be open', () => world.open.size === 4);
  // It says nothing any more, and closes its browsers in time.
  second.store.fault = () => 'fail';
  await until('the first to hold all', () => counts(first)[0] === 4 && world.open.size === 4);
  expect(world.overlaps).toEqual([]);
  expect(second.fleet.isReady).toBe(false);

  // It comes back as another worker, and gets its share again.
  const before = second.fleet.self.id;
  second.store.fault = () => null;
  await until('an even share', () => counts(first, second).join() === '2,2');
  await until('all to be open', () => world.open.size === 4);
  expect(second.fleet.self.id).not.toBe(before);
  expect(second.log.map(({ event }) => event)).toContain('worker_lost');
  expect(world.overlaps).toEqual([]);
});

it.concurrent('a store that is away closes the browsers within the term; they start again when it is back', async ({
  onTestFinished,
}) => {
  const { world, start, view, untilState } = newFleets(onTestFinished);
  const only = await start();
  world.linked.add('s1');
  await only.fleet.add('s1');
  await untilState('s1', 'ready');
  const { id } = only.fleet.self;
  only.store.fault = () => 'fail';
  await until('the browser to be closed', () => world.open.size === 0);
  expect(only.fleet.isReady).toBe(true);
  await untilState('s1', 'backing-off');
  expect(view('s1').alerts).toMatchObject([{ code: 'STORE_UNREACHABLE' }]);
  only.store.fault = () => null;
  await untilState('s1', 'ready');
  expect(view('s1').alerts).toEqual([]);
  expect(only.fleet.self.id).toBe(id);
});

it.concurrent('a session that keeps failing is backed off, shown, and started at once when somebody asks', async ({
  onTestFinished,
}) => {
  const { world, start, view, untilState } = newFleets(onTestFinished);
  const only = await start();
  world.linked.add('s1').add('s2');
  world.failure = (id) => (id === 's1' ? new Error('no such thing') : null);
  await only.fleet.add('s1');
  await only.fleet.add('s2');
  await untilState('s2', 'ready');
  await until('three failures', () => view('s1').failures === 3);
  const failed = await untilState('s1', 'backing-off');
  expect(failed).toMatchObject({ alerts: [{ code: 'UNEXPECTED', message: 'no such thing' }] });
  expect(Date.parse(failed.nextTryAt ?? '') - Date.now()).toBeGreaterThan(2000);
  world.failure = () => null;
  await only.fleet.get('s1')?.restart();
  expect(await untilState('s1', 'ready')).toMatchObject({ failures: 0, alerts: [] });

  world.clientOf('s1').end('CONFLICT');
  const ended = await untilState('s1', 'backing-off');
  expect(ended).toMatchObject({ failures: 1, alerts: [{ code: 'CONFLICT' }] });
  expect(Date.parse(ended.nextTryAt ?? '') - Date.now()).toBeGreaterThan(240_000);
  expect(view('s2').state).toBe('ready');
});

it.concurrent('shows how it gets linked, unlinked, and linked again', async ({
  onTestFinished,
}) => {
  const { world, start, view, untilState } = newFleets(onTestFinished);
  const only = await start();
  await only.fleet.add('shop');
  const session = () => {
    const held = only.fleet.get('shop');
    if (!held) throw new Error('not held');
    return held;
  };
  const first = await untilState('shop', 'qr');
  expect(session().qr).toBe('qr of shop');
  expect(Date.parse(first.qr?.validUntil ?? '') - Date.now()).toBeGreaterThan(40_000);
  expect(await session().requestPairingCode('+1 202 555-0108')).toBe('ABCD1234');
  expect(view('shop')).toMatchObject({
    state: 'code',
    code: { code: 'ABCD1234', phone: '12025550108' },
    qr: null,
  });
  await session().cancelPairingCode();
  expect(view('shop')).toMatchObject({ state: 'qr', code: null, qr: { serial: 2 } });
  world.link('shop');
  expect(await untilState('shop', 'ready')).toMatchObject({
    account: { id: '12025550108@c.us', name: 'Shop' },
    lastSave: { sequence: 1, size: 4 },
    qr: null,
  });
  expect(await session().sendText('12025550109', 'hello')).toMatchObject({
    to: '12025550109@c.us',
  });
  world.unlink('shop');
  expect(view('shop')).toMatchObject({ state: 'qr', alerts: [{ code: 'UNLINKED' }] });
  world.link('shop');
  expect(view('shop')).toMatchObject({ state: 'ready', alerts: [] });
});

it.concurrent('stops, starts, logs out and removes a session, on whichever worker it is', async ({
  onTestFinished,
}) => {
  const { world, shared, start, view, untilState } = newFleets(onTestFinished);
  const [first, second] = await Promise.all([start(), start()]);
  world.linked.add('s1');
  await first.fleet.add('s1');
  await untilState('s1', 'ready');
  const isElsewhere = first.fleet.get('s1') === undefined;
  const [holder, other] = isElsewhere ? [second, first] : [first, second];

  await other.fleet.setWanted('s1', false);
  await until('it to be closed', () => world.open.size === 0);
  await until('it to be stopped', () => holder.fleet.get('s1') === undefined);
  expect(view('s1')).toMatchObject({ state: 'stopped', worker: null });
  await other.fleet.setWanted('s1', true);
  await untilState('s1', 'ready');

  const held = first.fleet.get('s1') ?? second.fleet.get('s1');
  await held?.logout();
  expect(world.open.size).toBe(0);
  await until('all to know', () => !other.fleet.roster()[0]?.isWanted);
  expect(view('s1')).toMatchObject({ state: 'stopped', account: null, alerts: [] });
  expect((await happened(other, 's1')).slice(-3)).toEqual(['ready', 'saved', 'stopping']);
  await other.fleet.setWanted('s1', true);
  await untilState('s1', 'qr');

  await other.fleet.remove('s1', { purge: true });
  expect(world.open.size).toBe(0);
  expect(other.fleet.roster()).toEqual([]);
  await rejection(other.fleet.remove('s1'), 'SESSION_NOT_FOUND');
  const left: string[] = [];
  for await (const { key } of shared.list('')) left.push(key);
  expect(left.filter((key) => /history|packs|links/.test(key))).toEqual([]);
  expect(world.overlaps).toEqual([]);
});

it.concurrent('leaves a session alone that a process outside the fleet holds, and says so', async ({
  onTestFinished,
}) => {
  const { world, shared, start, view, untilState } = newFleets(onTestFinished);
  const outside = await Worker.start(shared, TERM_MS);
  const location = { store: shared, session: 'RemoteAuth-s1' };
  const writer = await takeSession({ ...location, worker: outside, onLeaseHeld: 'fail' });
  const only = await start();
  world.linked.add('s1');
  await only.fleet.add('s1');
  await until('it to be refused', () => view('s1').alerts[0]?.code === 'LEASE_HELD');
  await untilState('s1', 'waiting');
  // It is not tried again and again meanwhile.
  only.store.take();
  const { starts } = world;
  await until('another try', () => world.starts > starts);
  const looks = only.store.take().filter(({ key }) => key === 'workers/');
  expect(looks.length).toBeGreaterThan(3);
  await writer.release();
  await outside.leave();
  await untilState('s1', 'ready');
  expect(world.overlaps).toEqual([]);
});

it.concurrent('the history goes with the session from worker to worker', async ({
  onTestFinished,
}) => {
  const { world, start, untilState } = newFleets(onTestFinished);
  const first = await start();
  await first.fleet.add('s1');
  await untilState('s1', 'qr');
  world.link('s1');
  await untilState('s1', 'ready');
  const second = await start();
  await first.fleet.stop();
  await untilState('s1', 'ready');
  expect(await happened(second, 's1')).toEqual([
    ...['starting', 'qr', 'syncing', 'ready', 'saved', 'stopping'],
    ...['starting', 'syncing', 'ready', 'saved'],
  ]);
  await second.fleet.stop();
  expect((await happened(second, 's1')).at(-1)).toBe('stopping');
});

it.concurrent('a link opens until it is used by linking, or has expired', async ({
  onTestFinished,
}) => {
  const { world, start, untilState } = newFleets(onTestFinished);
  const { fleet } = await start();
  await fleet.add('s1');
  await untilState('s1', 'qr');
  const { token, expiresAt } = await fleet.createLink('s1', 60_000);
  const brief = await fleet.createLink('s1', -1);
  expect(await fleet.openLink(brief.token)).toEqual({ state: 'expired' });
  expect(await fleet.openLink(brief.token)).toEqual({ state: 'unknown' });
  expect(await fleet.openLink('../../heads/RemoteAuth')).toEqual({ state: 'unknown' });
  expect(await fleet.openLink(token)).toEqual({ id: 's1', expiresAt });
  expect(await fleet.openLink(token)).toEqual({ id: 's1', expiresAt });
  world.link('s1');
  await until('it to be used', async () => 'state' in (await fleet.openLink(token)));
  expect(await fleet.openLink(token)).toEqual({ state: 'used' });
  // A restart is no new link.
  const another = await fleet.createLink('s1', 60_000);
  await fleet.get('s1')?.restart();
  await untilState('s1', 'ready');
  expect(await fleet.openLink(another.token)).toMatchObject({ id: 's1' });
  await fleet.remove('s1');
  expect(await fleet.openLink(another.token)).toEqual({ state: 'unknown' });
  await rejection(fleet.createLink('s1', 60_000), 'SESSION_NOT_FOUND');
});

it.concurrent('a damaged part of the roster is told of, and the sessions that are known run on', async ({
  onTestFinished,
}) => {
  const { world, shared, start, untilState } = newFleets(onTestFinished);
  const only = await start();
  world.linked.add('s1');
  await only.fleet.add('s1');
  await untilState('s1', 'ready');
  const key = rosterKey(shardOf('s1'));
  const spoilt = async (text: string | Uint8Array) => {
    const cell = await shared.readCell(key);
    await shared.swapCell(key, Buffer.from(text), cell?.version ?? null);
    return cell?.value ?? '';
  };
  const value = await spoilt('{}');
  const told = (event: string) => only.log.find((entry) => entry.event === event);
  await until('it to be told', () => told('roster_failed') !== undefined);
  expect(told('roster_failed')).toMatchObject({ code: 'ROSTER_DAMAGED' });
  expect(only.fleet.get('s1')?.view.state).toBe('ready');
  await rejection(only.fleet.setWanted('s1', false), 'ROSTER_DAMAGED');
  await spoilt(value);
  await until('it to be told', () => told('roster_back') !== undefined);
  expect(only.log.filter(({ event }) => event === 'roster_failed')).toHaveLength(1);
  expect(only.fleet.get('s1')?.view.state).toBe('ready');
});

it.concurrent('does not start where its roster cannot be read', async ({ onTestFinished }) => {
  const { create } = newFleets(onTestFinished);
  const one = create();
  one.store.fault = ({ key }) => (key.startsWith('fleet/') ? 'fail' : null);
  await expect(one.fleet.start()).rejects.toBeInstanceOf(Error);
  const left: string[] = [];
  for await (const { key } of one.store.list('workers/')) left.push(key);
  expect(left).toEqual([]);
});

it.concurrent('who can only write to the store is no worker, and makes no link', async ({
  onTestFinished,
}) => {
  const { start, untilState } = newFleets(onTestFinished);
  const proofKey = Buffer.alloc(32, 1);
  const [first, second] = await Promise.all([start({ proofKey }), start({ proofKey })]);
  const stranger = await start({ proofKey: Buffer.alloc(32, 2), capacity: 0 });
  await first.fleet.add('s1');
  const isKnown = ({ fleet }: TestFleet) => fleet.roster().length === 1;
  await until('all to know it', () => [first, second, stranger].every(isKnown));
  await untilState('s1', 'qr');
  const unproven = ({ log }: TestFleet) => log.filter(({ event }) => event === 'worker_not_proven');
  for (const made of [first, second]) {
    await until('the stranger to be told of', () => unproven(made).length === 1);
    expect(made.fleet.workers().map(({ id }) => id)).not.toContain(stranger.fleet.self.id);
    expect(made.fleet.workers()).toHaveLength(2);
  }
  const invented = await stranger.fleet.createLink('s1', 60_000);
  expect(await first.fleet.openLink(invented.token)).toEqual({ state: 'unknown' });
  const { token } = await first.fleet.createLink('s1', 60_000);
  expect(await second.fleet.openLink(token)).toMatchObject({ id: 's1' });
});
