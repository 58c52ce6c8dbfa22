import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser } from '../../src/browser/launch-browser.js';
import { processesOfGroup } from '../client/processes.js';
import { browsersOf, CHROMIUM, TEMPORARY, temporaryProfiles } from '../client/support.js';

const USER_AGENT = undefined;

async function launch(puppeteer: object = {}): Promise<LaunchedBrowser> {
  const launched = await launchBrowser({
    puppeteer: { executablePath: CHROMIUM, ...puppeteer },
    userAgent: USER_AGENT,
  });
  onTestFinished(() => launched.close());
  return launched;
}

/** A browser of our own making, which says something and ends. */
function brokenBrowser(script: string): string {
  const file = path.join(mkdtempSync(path.join(TEMPORARY, 'broken-')), 'chromium');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('without a user data dir the profile is temporary, and goes with the browser', async () => {
  const { browser, close } = await launch();
  const group = browser.process()?.pid ?? 0;
  expect(temporaryProfiles()).toHaveLength(1);
  await close();
  await close();
  expect(temporaryProfiles()).toEqual([]);
  expect(processesOfGroup(group)).toEqual([]);
});

test('a given user data dir is kept, and closed properly', async () => {
  const userDataDir = mkdtempSync(path.join(TEMPORARY, 'kept-'));
  const { close } = await launch({ userDataDir });
  expect(temporaryProfiles()).toEqual([]);
  await close();
  const preferences = readFileSync(path.join(userDataDir, 'Default/Preferences'), 'utf8');
  expect(JSON.parse(preferences).profile.exit_type).toBe('Normal');
});

test('an error of its pipes that comes after all else does not end the process', async () => {
  const { browser, close } = await launch();
  const [, , , pipe] = browser.process()?.stdio ?? [];
  await close();
  const late = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  expect(() => pipe?.emit('error', late)).not.toThrow();
});

test('close() after the browser was killed ends its helpers too', async () => {
  const { browser, close } = await launch();
  const group = browser.process()?.pid ?? 0;
  process.kill(group, 'SIGKILL');
  await close();
  expect(processesOfGroup(group)).toEqual([]);
  expect(temporaryProfiles()).toEqual([]);
});

test('a launch and its end leave no listener on the process', async () => {
  const events = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'];
  const count = () => events.map((event) => process.listenerCount(event));
  const before = count();
  const { close } = await launch();
  await close();
  expect(count()).toEqual(before);
});

test('the browser has neither an automation nor a headless mark', async () => {
  const { browser } = await launch();
  const [page = await browser.newPage()] = await browser.pages();
  const seen = await page.evaluate(() => [navigator.webdriver, navigator.userAgent] as const);
  expect(seen[0]).toBe(false);
  expect(seen[1]).toMatch(/ Chrome\/\d+\.0\.0\.0 Safari/);
});

test('a port asked for in the arguments does not take the place of the pipe', async () => {
  const { browser } = await launch({ args: ['--remote-debugging-port=0'] });
  expect(browser.process()?.spawnargs).toContain('--remote-debugging-pipe');
  expect(browser.wsEndpoint()).toBe('');
});

test('a browser that does not start is one error with what it said, and leaves nothing', async () => {
  const executablePath = brokenBrowser(
    'echo "error while loading shared libraries: libnss3.so: no" >&2; exit 127',
  );
  await expect(launch({ executablePath })).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_FAILED',
    message: expect.stringMatching(/lacks system libraries[\s\S]*libnss3\.so/),
  });
  expect(temporaryProfiles()).toEqual([]);
  expect(browsersOf()).toEqual([]);
});

test('one that cannot build its sandbox gets a hint', async () => {
  const executablePath = brokenBrowser('echo "FATAL: No usable sandbox!" >&2; exit 1');
  await expect(launch({ executablePath })).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_FAILED',
    message: expect.stringContaining('--no-sandbox'),
  });
});

test('Firefox is refused by name', async () => {
  await expect(launch({ browser: 'firefox' })).rejects.toMatchObject({
    code: 'INCOMPATIBLE_OPTIONS',
  });
});

test('a profile with another browser on it: PROFILE_IN_USE, and that one goes on', async () => {
  const userDataDir = mkdtempSync(path.join(TEMPORARY, 'shared-'));
  const { browser } = await launch({ userDataDir });
  await expect(launch({ userDataDir })).rejects.toMatchObject({ code: 'PROFILE_IN_USE' });
  expect(browser.connected).toBe(true);
  expect(existsSync(userDataDir)).toBe(true);
});

test('a debugging port that is asked for is opened beside the pipe', async () => {
  const { browser } = await launch({ debuggingPort: 39_222 });
  const answer = await fetch('http://127.0.0.1:39222/json/version');
  expect(((await answer.json()) as { Browser: string }).Browser).toBe(await browser.version());
});

test('browsers share one listener for the end of the process: node warns of more than ten', async () => {
  await launch();
  const count = process.listenerCount('exit');
  await launch();
  expect(process.listenerCount('exit')).toBe(count);
});
