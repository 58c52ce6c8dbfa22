import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PlannedWorker, plan } from '../../../src/fleet/workers/plan.js';

interface Fleet {
  workers: PlannedWorker[];
  wanted: string[];
}

/** Workers of which some hold sessions already, and sessions that nobody holds. */
const fleets = fc
  .record({
    workers: fc.array(
      fc.record({
        capacity: fc.integer({ min: 0, max: 12 }),
        holds: fc.integer({ min: 0, max: 12 }),
        isStopping: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    unheld: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ workers, unheld }): Fleet => {
    let sessions = 0;
    const take = (count: number) => Array.from({ length: count }, () => `s${sessions++}`);
    const planned = workers.map(({ capacity, holds, isStopping }, at) => ({
      id: `w${at}`,
      capacity,
      held: take(Math.min(capacity, holds)),
      isStopping,
    }));
    return { workers: planned, wanted: [...planned.flatMap(({ held }) => held), ...take(unheld)] };
  });

const planOf = ({ workers, wanted }: Fleet, self: string, isSteady = false) => {
  const movable = workers.find(({ id }) => id === self)?.held ?? [];
  return plan({ self, workers, wanted, movable, isSteady });
};

/** What becomes of it when every worker does what it plans. */
function carryOut(fleet: Fleet, isSteady: boolean): { next: Fleet; moves: number } {
  let moves = 0;
  const workers = fleet.workers.map((worker) => {
    const { claim, giveAway } = planOf(fleet, worker.id, isSteady);
    moves += claim.length + (giveAway === null ? 0 : 1);
    return { ...worker, held: [...worker.held.filter((id) => id !== giveAway), ...claim] };
  });
  return { next: { ...fleet, workers }, moves };
}

it('each session falls to one worker with room for it, and waits only when none has any', () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { next } = carryOut(fleet, false);
      const held = next.workers.flatMap((worker) => worker.held);
      expect(new Set(held).size).toBe(held.length);
      for (const { capacity, held: ids } of next.workers) {
        expect(ids.length).toBeLessThanOrEqual(capacity);
      }
      const waiting = fleet.wanted.filter((id) => !held.includes(id));
      expect(planOf(fleet, 'w0').waiting.sort()).toEqual(waiting.sort());
      const hasRoom = next.workers.some(
        ({ capacity, held: ids, isStopping }) => !isStopping && ids.length < capacity,
      );
      if (waiting.length > 0) expect(hasRoom).toBe(false);
      for (const [at, worker] of next.workers.entries()) {
        if (worker.isStopping) expect(worker.held).toEqual(fleet.workers[at]?.held);
      }
    }),
  );
});

it('all workers plan the same, in whatever order they see each other', () => {
  fc.assert(
    fc.property(fleets, fc.gen(), (fleet, random) => {
      const sort = <T>(list: T[]) =>
        random(fc.shuffledSubarray, list, {
          minLength: list.length,
          maxLength: list.length,
        }) as T[];
      const other = { workers: sort(fleet.workers), wanted: sort(fleet.wanted) };
      for (const { id } of fleet.workers) {
        expect(planOf(other, id).claim).toEqual(planOf(fleet, id).claim);
      }
    }),
  );
});

it('workers even out, one session at a time, and come to rest', () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      let now = fleet;
      for (let rounds = 0; ; rounds++) {
        const { next, moves } = carryOut(now, true);
        if (moves === 0) break;
        if (rounds > 0) expect(moves).toBe(1);
        // Each takes two rounds: one gives, then another takes.
        expect(rounds).toBeLessThan(2 * fleet.wanted.length + 2);
        now = next;
      }
      const takers = now.workers.filter(({ isStopping, capacity }) => !isStopping && capacity > 0);
      for (const giver of takers) {
        for (const taker of takers) {
          if (giver === taker || taker.held.length === taker.capacity) continue;
          const after = (taker.held.length + 1) / taker.capacity;
          expect(giver.held.length / giver.capacity).toBeLessThanOrEqual(after);
        }
      }
    }),
  );
});

it('equal workers hold the same number, but for one', () => {
  const workers = ['a', 'b', 'c'].map((id) => ({ id, capacity: 10, held: [], isStopping: false }));
  const wanted = Array.from({ length: 13 }, (_, at) => `s${at}`);
  const counts = workers.map(({ id }) => planOf({ workers, wanted }, id).claim.length).sort();
  expect(counts).toEqual([4, 4, 5]);
});

it('moves nothing while workers come and go, nor what may not be moved', () => {
  const workers = [
    { id: 'a', capacity: 9, held: ['s1', 's2', 's3'], isStopping: false },
    { id: 'b', capacity: 9, held: [], isStopping: false },
  ];
  const wanted = ['s1', 's2', 's3'];
  const fleet = { workers, wanted, self: 'a' };
  expect(plan({ ...fleet, movable: wanted, isSteady: false }).giveAway).toBeNull();
  expect(plan({ ...fleet, movable: ['s2', 's3'], isSteady: true }).giveAway).toBe('s2');
  expect(plan({ ...fleet, movable: [], isSteady: true }).giveAway).toBeNull();
});
