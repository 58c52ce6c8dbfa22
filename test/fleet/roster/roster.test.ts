import { describe, expect, it, onTestFinished } from 'vitest';
import { Roster } from '../../../src/fleet/roster/roster.js';
import { ROSTER_SHARDS, rosterKey, shardOf } from '../../../src/fleet/roster/roster-cell.js';
import type { ObjectStore } from '../../../src/objects/object-store.js';
import { MemoryStore } from '../../../src/stores/memory-store.js';
import { RedisStore } from '../../../src/stores/redis-store.js';
import { uniquePrefix } from '../../objects/support/redis.js';
import { useService } from '../../services/services.js';
import { rejection } from '../../snapshot/support/sessions.js';
import { WrappedStore } from '../../snapshot/support/wrapped-store.js';

const idsOf = (roster: Roster) => roster.entries.map(({ id }) => id);

async function expectNoChangeLost(store: ObjectStore): Promise<void> {
  const rosters = Array.from({ length: 4 }, () => new Roster(store));
  const ids = Array.from({ length: 24 }, (_, at) => `s-${String(at).padStart(2, '0')}`);
  await Promise.all(ids.map((id, at) => rosters[at % 4]?.add(id)));
  // Of all that add the same, one has added it.
  const added = await Promise.allSettled(rosters.map((roster) => roster.add('once')));
  expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await Promise.all([
    ...ids.slice(0, 8).map((id, at) => rosters[at % 4]?.remove(id)),
    ...ids.slice(8, 16).map((id, at) => rosters[(at + 1) % 4]?.setWanted(id, false)),
  ]);
  for (const roster of rosters) {
    await roster.refresh();
    expect(idsOf(roster)).toEqual(['once', ...ids.slice(8)]);
    const stopped = roster.entries.filter(({ isWanted }) => !isWanted);
    expect(stopped.map(({ id }) => id)).toEqual(ids.slice(8, 16));
  }
}

describe('many workers that change it at once', () => {
  it('lose no change, in memory', () => expectNoChangeLost(new MemoryStore()));

  it('lose no change, on Redis', async () => {
    const store = new RedisStore({ url: (await useService('redis')).url, prefix: uniquePrefix() });
    onTestFinished(() => store.close());
    await expectNoChangeLost(store);
  });
});

it('a change whose answer was lost has happened once', async () => {
  const store = new WrappedStore();
  const roster = new Roster(store);
  const loseSwaps = () => {
    let lost = false;
    store.fault = ({ kind }) => {
      if (kind !== 'swapCell' || lost) return null;
      lost = true;
      return 'lost';
    };
  };
  loseSwaps();
  await roster.add('sales');
  loseSwaps();
  await roster.setWanted('sales', false);
  expect(roster.entries).toMatchObject([{ id: 'sales', isWanted: false }]);
  loseSwaps();
  await roster.remove('sales');
  expect(roster.entries).toEqual([]);
});

it('takes a session by any of its names, once, and refuses what names none', async () => {
  const roster = new Roster(new MemoryStore());
  await roster.add('RemoteAuth-sales');
  await roster.add('RemoteAuth');
  expect(idsOf(roster)).toEqual(['RemoteAuth', 'sales']);
  await rejection(roster.add('sales'), 'SESSION_EXISTS');
  await rejection(roster.add('../etc'), 'INVALID_CLIENT_ID');
  await rejection(roster.remove('shop'), 'SESSION_NOT_FOUND');
  await rejection(roster.setWanted('shop', true), 'SESSION_NOT_FOUND');
});

it('never looks empty when it cannot be read or understood', async () => {
  const store = new WrappedStore();
  const roster = new Roster(store);
  await roster.add('sales');
  store.fault = () => 'fail';
  await expect(roster.refresh()).rejects.toBeInstanceOf(Error);
  expect(idsOf(roster)).toEqual(['sales']);
  store.fault = () => null;

  const key = rosterKey(shardOf('sales'));
  const spoil = async (text: string) => {
    const version = (await store.readCell(key))?.version ?? null;
    await store.swapCell(key, Buffer.from(text), version);
  };
  const stillKnown = async (code: string) => {
    for (const each of [roster, new Roster(store)]) {
      const error = await rejection(each.refresh(), code);
      expect(error.message).toContain(key);
    }
    await rejection(roster.add(idOfShard(shardOf('sales'))), code);
    expect(idsOf(roster)).toEqual(['sales']);
  };
  await spoil('');
  await stillKnown('ROSTER_DAMAGED');
  await spoil('{"format":1,"nonce":"n","sessions":[["sales",7,true]]}');
  await stillKnown('ROSTER_DAMAGED');
  await spoil('{"format":2,"anything":"else"}');
  await stillKnown('FORMAT_UNSUPPORTED');
});

it('holds hundreds of sessions, and says when a part of it is full', async () => {
  const store = new MemoryStore();
  const roster = new Roster(store);
  const shards = new Set(Array.from({ length: 200 }, (_, at) => shardOf(`customer-${at}`)));
  expect(shards.size).toBe(ROSTER_SHARDS);
  const long = 'x'.repeat(180);
  let added = 0;
  const fill = async () => {
    for (let at = 0; ; at++) {
      const id = `${long}-${at}`;
      if (shardOf(id) !== 0) continue;
      await roster.add(id);
      added++;
    }
  };
  await rejection(fill(), 'ROSTER_FULL');
  expect(added).toBeGreaterThan(200);
  expect(roster.entries).toHaveLength(added);
  await roster.add(idOfShard(1));
});

function idOfShard(shard: number): string {
  for (let at = 0; ; at++) if (shardOf(`other-${at}`) === shard) return `other-${at}`;
}
