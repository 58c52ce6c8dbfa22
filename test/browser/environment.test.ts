import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserEnvironment } from '../../src/browser/browser-environment.js';
import { processesOfGroup } from '../client/processes.js';
import { type StandIn, startClient, startStandIn } from '../client/support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

test('what a browser needs is passed on, and nothing else', () => {
  const environment = browserEnvironment({
    PATH: '/bin',
    Path: 'C:\\Windows',
    LC_ALL: 'C.UTF-8',
    XDG_RUNTIME_DIR: '/run/user/0',
    DISPLAY: ':0',
    AWS_SECRET_ACCESS_KEY: 'secret',
    MONGODB_URI: 'mongodb://user:secret@host',
    NODE_OPTIONS: '--inspect',
    UNSET: undefined,
  });
  expect(environment).toEqual({
    PATH: '/bin',
    Path: 'C:\\Windows',
    LC_ALL: 'C.UTF-8',
    XDG_RUNTIME_DIR: '/run/user/0',
    DISPLAY: ':0',
  });
});

test('proxies are passed on without their passwords', () => {
  const proxies = { https_proxy: 'http://user:secret@proxy:8080', NO_PROXY: 'localhost' };
  expect(browserEnvironment(proxies)).toEqual({
    https_proxy: 'http://proxy:8080',
    NO_PROXY: 'localhost',
  });
});

test('a secret of this process is in no process of the browser', async () => {
  process.env.API_TOKEN = 'hunter2-in-the-environment';
  const { client, initialized } = startClient(standIn);
  await initialized;
  delete process.env.API_TOKEN;
  const group = client.pupBrowser?.process()?.pid ?? 0;
  const environments = processesOfGroup(group).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8');
    } catch {
      return '';
    }
  });
  expect(environments.some((text) => text.includes('PATH='))).toBe(true);
  expect(environments.filter((text) => text.includes('hunter2'))).toEqual([]);
});
