import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LEAST_GRACE_S, readText } from './deploy-files.js';

const unit = readText('deploy/systemd/holdfast.service');
const settingOf = (name: string) => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1];

test('SIGTERM reaches the worker alone, which has the time to hand its sessions over', () => {
  expect(settingOf('KillMode')).toBe('mixed');
  expect(Number(settingOf('TimeoutStopSec'))).toBeGreaterThan(LEAST_GRACE_S);
});

test('it is given no secret that others could read', () => {
  expect(settingOf('EnvironmentFile')).toBe('/etc/holdfast/holdfast.env');
  expect(unit).not.toMatch(/^(Environment|ExecStart)=.*HOLDFAST_/m);
});

test('what Chromium builds its sandbox of is left, and no capability', () => {
  expect(settingOf('RestrictNamespaces')?.split(' ').sort()).toEqual(['net', 'pid', 'user']);
  expect(settingOf('SystemCallFilter')?.split(' ')).toEqual(
    expect.arrayContaining(['@system-service', 'chroot', 'seccomp']),
  );
  expect(settingOf('CapabilityBoundingSet')).toBe('');
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('systemd has nothing to say against the unit', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'test-deploy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'holdfast.service');
  // The program is not installed here.
  await writeFile(file, unit.replace(/^(ExecStart=)\S+/m, `$1${process.execPath}`));
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', file]);
  const said = String(stderr)
    .split('\n')
    .filter((line) => line.includes('holdfast'));
  expect({ said, status }).toEqual({ said: [], status: 0 });
});
