import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { measureGroups } from '../../../src/server/metrics/process-memory.js';

async function madeProc(processes: Record<string, Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-proc-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [pid, files] of Object.entries(processes)) {
    await mkdir(path.join(folder, pid));
    for (const [name, text] of Object.entries(files)) {
      await writeFile(path.join(folder, pid, name), text);
    }
  }
  return folder;
}

const rollup = (kib: number) =>
  `55d0-7ffc ---p 00000000 00:00 0  [rollup]\nRss:  9999 kB\nPss:   ${kib} kB\n`;

test('adds up the processes of each group', async () => {
  const proc = await madeProc({
    10: { stat: '10 (chrome) S 1 10 10 0', smaps_rollup: rollup(100) },
    11: { stat: '11 (a) b (c) S 10 10 10 0', smaps_rollup: rollup(20) },
    12: {
      stat: '12 (sandboxed) S 10 10 10 0',
      status: 'Name:\tx\nVmRSS:\t  900 kB\nRssAnon:\t    3 kB\n',
    },
    20: { stat: '20 (chrome) S 1 20 20 0', smaps_rollup: rollup(5) },
    30: { stat: '30 (stranger) S 1 30 30 0', smaps_rollup: rollup(1) },
    31: { stat: '31 (gone) S 10 10 10 0' },
    self: {},
  });
  const bytes = await measureGroups(new Set([10, 20]), proc);
  expect([...bytes]).toEqual([
    [10, 123 * 1024],
    [20, 5 * 1024],
  ]);
});

test('is empty where there is no /proc', async () => {
  expect(await measureGroups(new Set([1]), '/nowhere')).toEqual(new Map());
});

test.runIf(process.platform === 'linux')('finds what a real process takes', async () => {
  const program =
    'const b = Buffer.alloc(64e6, 1); console.log(b.length); setInterval(() => b, 1e6)';
  const child = spawn(process.execPath, ['-e', program], { detached: true });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  expect((await measureGroups(new Set([pid]))).get(pid)).toBeGreaterThan(64e6);
});
