import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compare, takeInventory } from '../../bench/measure/changes.js';
import { runCommand } from '../../bench/measure/command.js';
import { DiskWatch } from '../../bench/measure/disk-watch.js';
import { diskUsage } from '../../bench/measure/files.js';
import { useOfGroup } from '../../bench/measure/process-group.js';
import { median, quantile, rotate } from '../../bench/measure/statistics.js';
import { Traffic } from '../../bench/measure/traffic.js';
import { readOptions } from '../../bench/options.js';
import { bytes, milliseconds, ratioColumn, times } from '../../bench/report/columns.js';
import { Results } from '../../bench/report/results.js';
import { writeTable } from '../../bench/report/table.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string) => writeFileSync(path.join(folder, name), content);

test('what has changed in a folder is told apart: new, grown, rewritten, gone, the same', () => {
  for (const name of ['same', 'grown', 'rewritten', 'longer', 'gone']) write(name, '12345');
  mkdirSync(path.join(folder, 'beside'));
  const before = takeInventory(folder, ['.']);
  appendFileSync(path.join(folder, 'grown'), '678');
  write('rewritten', '54321');
  write('longer', '54321 and more');
  write('beside/new', '1234567');
  rmSync(path.join(folder, 'gone'));
  const now = takeInventory(folder, ['.'], before);
  expect(compare(folder, before, now)).toEqual({
    appended: 3,
    rewritten: 5 + 14 + 7,
    files: 4,
    removed: 5,
  });
  expect(compare(folder, now, takeInventory(folder, ['.'], now))).toMatchObject({ files: 0 });
});

test('a file with two names takes its place on disk once, and the most that was taken is told', () => {
  write('file', 'x'.repeat(100_000));
  const once = diskUsage(folder);
  expect(once).toBe(statSync(path.join(folder, 'file')).blocks * 512);
  linkSync(path.join(folder, 'file'), path.join(folder, 'again'));
  expect(diskUsage(folder)).toBe(once);
  const watch = new DiskWatch(folder);
  write('more', 'x'.repeat(100_000));
  expect(watch.stop()).toBe(once);
  expect(diskUsage(path.join(folder, 'nowhere'))).toBe(0);
});

test.runIf(process.platform === 'linux')('a command is measured with its children', async () => {
  const spin = 'const b = Buffer.alloc(5e7, 1); while (process.cpuUsage().user < 300_000);';
  const script = `require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(spin)}])`;
  const { cost } = await runCommand(process.execPath, ['-e', script]);
  expect(cost.wallMs).toBeGreaterThan(200);
  expect(cost.cpuSeconds).toBeGreaterThan(0.2);
  expect(cost.memoryBytes).toBeGreaterThan(1e7);
});

test.runIf(process.platform === 'linux')('processes are measured by their group', async () => {
  const script = 'setInterval(() => undefined, 1000); console.log("started")';
  const leader = spawn(process.execPath, ['-e', script], { detached: true });
  await once(leader.stdout, 'data');
  const group = leader.pid ?? 0;
  const use = useOfGroup(group);
  expect(use.processes).toBe(1);
  expect(use.memoryBytes).toBeGreaterThan(use.ownMemoryBytes ?? 0);
  expect(use.ownMemoryBytes).toBeGreaterThan(1e6);
  expect(use.cpuSeconds).toBeGreaterThan(0);
  leader.kill('SIGKILL');
  await once(leader, 'exit');
  expect(useOfGroup(group)).toMatchObject({ processes: 0, memoryBytes: 0, cpuSeconds: 0 });
});

test('a command that fails says how', async () => {
  const failing = runCommand(process.execPath, ['-e', 'console.error("no luck"); process.exit(3)']);
  await expect(failing).rejects.toThrow(/ended with 3: no luck/);
  await expect(runCommand('no-such-program', [])).rejects.toMatchObject({ code: 'ENOENT' });
});

test('medians and quantiles', () => {
  expect(median([])).toBeNull();
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([quantile(hundred, 0.5), quantile(hundred, 0.95), quantile(hundred, 1)]).toEqual([
    50, 95, 100,
  ]);
  expect(rotate(['a', 'b', 'c'], 4)).toEqual(['b', 'c', 'a']);
});

test('a table names what was measured, what failed and what was left out', () => {
  const results = new Results();
  const row = { size: 13, peer: 'holdfast', operation: 'save' };
  results.add(row, { wallMs: 10, bytesSent: 1500 });
  results.add(row, { wallMs: 20, bytesSent: 2500 });
  results.fail(row, new Error('disk full'));
  results.fail({ ...row, peer: 'cp -r' }, 'vanished');
  results.skip('restic: not installed');
  const columns = [
    { title: 'wall', text: () => milliseconds(15) },
    { title: 'sent', text: () => bytes(2000) },
  ];
  expect(writeTable('Saves', columns, results).split('\n')).toEqual([
    'Saves',
    '=====',
    'profile  what  who       wall     sent',
    '-------  ----  --------  -------  ------',
    '13 MB    save  holdfast  15.0 ms  2.0 kB',
    'failed: holdfast, save, 13 MB: 1 of 3: disk full',
    'failed: cp -r, save, 13 MB: 1 of 1: vanished',
    'skipped: restic: not installed',
    '',
  ]);
});

test('a ratio is to the median of the peer that did the same, where there is one', () => {
  const results = new Results();
  const add = (size: number, peer: string, operation: string, wallMs: number | null) =>
    results.add({ size, peer, operation }, { wallMs });
  for (const wallMs of [10, 20, 90]) add(13, 'holdfast', 'save', wallMs);
  add(13, 'other', 'save', 50);
  add(105, 'holdfast', 'save', 0);
  add(105, 'other', 'save', 50);
  add(13, 'other', 'restore', 50);
  const { text } = ratioColumn('times holdfast', 'wallMs', () => 'holdfast');
  expect(results.rows.map((row) => text(row, results.rows))).toEqual([
    '1.00x',
    '2.50x',
    '-',
    '-',
    '-',
  ]);
  expect([times(12.34), times(2337.1)]).toEqual(['12.3x', '2337x']);
});

test('traffic is what went over the connections since it was last asked, closed ones included', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  const ignored = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(ignored, 'listening')]);
  const traffic = new Traffic();
  const [first, other] = [await echo(server, 'x'.repeat(1000)), await echo(ignored, 'x')];
  traffic.ignore((ignored.address() as AddressInfo).port);
  expect(traffic.take()).toEqual({ bytesSent: 1000, bytesReceived: 1000 });
  first.destroy();
  await once(first, 'close');
  const second = await echo(server, '12345');
  expect(traffic.take()).toEqual({ bytesSent: 5, bytesReceived: 5 });
  expect(traffic.take()).toEqual({ bytesSent: 0, bytesReceived: 0 });
  for (const socket of [second, other]) socket.destroy();
  for (const each of [server, ignored]) each.close();
});

async function echo(server: Server, text: string): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(text);
  for (let length = 0; length < text.length; ) length += (await once(socket, 'data'))[0].length;
  return socket;
}

test('mistaken options are refused with what would be right', () => {
  expect(readOptions(['--sizes', '13,105', '--only', 'load', '--quick'])).toMatchObject({
    sizes: [13, 105],
    storeSizes: [13, 105],
    cases: ['load'],
    runs: 1,
  });
  expect(readOptions([])).toMatchObject({ sizes: [13, 105, 513], storeSizes: [13, 105] });
  expect(() => readOptions(['--sizes', '13,x'])).toThrow('whole numbers, not "x"');
  expect(() => readOptions(['--only', 'save'])).toThrow('--only takes saves, stores, many-saves');
  expect(() => readOptions(['--nonsense'])).toThrow('--nonsense');
});
