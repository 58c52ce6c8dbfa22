import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readText, root } from './deploy-files.js';

interface Package {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

test('it listens where it is told to, and is not reached by loopback alone', () => {
  expect(readText('deploy/heroku/Procfile')).toMatch(/--host 0\.0\.0\.0 --port \$PORT/);
});

test('the app installs this version, and the client that the stores are tested with', () => {
  const ours = JSON.parse(readText('package.json')) as Package;
  const app = JSON.parse(readText('deploy/heroku/package.json')) as Package;
  expect(app.dependencies).toEqual({
    holdfast: ours.version,
    mongodb: ours.devDependencies.mongodb,
  });
});

test("the browser that is started is the buildpack's, without a sandbox", async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'test-deploy-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const browser = path.join(home, '.chrome-for-testing/chrome-linux64/chrome');
  await mkdir(path.dirname(browser), { recursive: true });
  await writeFile(browser, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const { stdout } = await promisify(execFile)(
    path.join(root, 'deploy/heroku/chrome'),
    ['--user-data-dir=a folder', '--headless'],
    { env: { ...process.env, HOME: home } },
  );
  expect(stdout.trim()).toBe(
    '--no-sandbox --disable-dev-shm-usage --user-data-dir=a folder --headless',
  );
});
