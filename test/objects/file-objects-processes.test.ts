import { spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileObjects } from '../../src/objects/file-objects.js';
import { RunningProgram } from '../support/running-program.js';
import { bytes, cellText, filesOf, newStore, reopened } from './support/store-files.js';

const program = path.join(import.meta.dirname, 'support/store-program.mjs');
const KILLS = 8;
const COUNTERS = 4;
const RAISES = 50;

describe('processes that are killed at any moment', () => {
  it(`leave whole objects and a cell that goes on, ${KILLS} times in one store`, async () => {
    const store = await newStore();
    let counted = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = new RunningProgram(program, ['write', store.path, `${kill}`]);
      const lines = randomInt(1, 40);
      await writer.until(`${lines} lines`, () => writer.lines.length >= lines);
      writer.signal('SIGKILL');
      await writer.ended;

      const said = writer.lines.map((line) => line.split(' '));
      const puts = said.filter(([what]) => what === 'put').map(([, key]) => key ?? '');
      for (const key of puts) await expectWhole(store, key);
      for await (const { key } of store.list('packs/')) await expectWhole(store, key);

      const acknowledged = said.filter(([what]) => what === 'swapped').map(([, count]) => count);
      counted = Math.max(counted, ...acknowledged.map(Number));
      const count = Number(await cellText(reopened(store), 'counter'));
      // One more may have been swapped whose answer was never read.
      expect(count).toBeGreaterThanOrEqual(counted);
      counted = count;
    }
    // The next one to write sweeps what they left.
    const next = reopened(store);
    const cell = await next.readCell('counter');
    await next.swapCell('counter', bytes('end'), cell?.version ?? null);
    const files = filesOf(store);
    expect(files.filter((file) => file.startsWith('temporary'))).toEqual([]);
    expect(files.filter((file) => file.includes('counter.cell'))).toHaveLength(2);
  });

  async function expectWhole(store: FileObjects, key: string): Promise<void> {
    const content = await store.get(key);
    const [, digest] = /-([0-9a-f]{64})$/.exec(key) ?? [];
    expect(
      createHash('sha256')
        .update(content ?? '')
        .digest('hex'),
    ).toBe(digest);
  }
});

it(`${COUNTERS} processes that raise one counter ${RAISES} times each make it exact`, async () => {
  const store = await newStore();
  const counters = Array.from(
    { length: COUNTERS },
    () => new RunningProgram(program, ['count', store.path, `${RAISES}`]),
  );
  for (const counter of counters) expect([await counter.ended, counter.errors]).toEqual([0, []]);
  expect(await cellText(store, 'counter')).toBe(`${COUNTERS * RAISES}`);
});

describe('what writers left in temporary/', () => {
  const HOUR_MS = 60 * 60 * 1000;

  it('is swept when they are dead, and stays while they live', async () => {
    const store = await newStore();
    const held = new RunningProgram(program, ['hold', store.path]);
    await held.untilOutput(/^holding$/m);
    const temporary = path.join(store.path, 'temporary');
    const [ofLiving = ''] = readdirSync(temporary);

    // The same names, but of a process that has ended.
    const { pid } = spawnSync(process.execPath, ['--version']);
    const [machine, , start, random] = ofLiving.split('.');
    const ofDead = `${machine}.${pid}.${start}.${random}`;
    const ofReusedPid = ofLiving.replace(`.${start}.`, '.0123456789ab.');
    const foreign = ofLiving.replace(machine ?? '', 'ba9876543210');
    const foreignOld = foreign.replace(random ?? '', '0'.repeat(16));
    for (const name of [ofDead, ofReusedPid, foreign])
      writeFileSync(path.join(temporary, name), '');
    mkdirSync(path.join(temporary, foreignOld));
    writeFileSync(path.join(temporary, foreignOld, '1-0123456789abcdef.value'), 'x');
    const before = new Date(Date.now() - HOUR_MS - 60_000);
    utimesSync(path.join(temporary, foreignOld), before, before);
    writeFileSync(path.join(temporary, 'not-ours'), '');

    await reopened(store).put('object', bytes('x'));
    expect(readdirSync(temporary).sort()).toEqual([ofLiving, foreign, 'not-ours'].sort());

    held.signal('SIGKILL');
    await held.ended;
    await reopened(store).put('object', bytes('x'));
    expect(existsSync(path.join(temporary, ofLiving))).toBe(false);
  });
});
