import { expect, onTestFinished, test } from 'vitest';
import { executableOf, requireExecutable } from '../../src/browser/browser-executable.js';
import { CHROMIUM } from '../client/support.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

function setEnvironment(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test('the path that is given is taken, before a channel', () => {
  expect(executableOf({ executablePath: CHROMIUM, channel: 'chrome-canary' })).toBe(CHROMIUM);
});

test('without one the browser is found as ever', () => {
  setEnvironment('PUPPETEER_EXECUTABLE_PATH', CHROMIUM);
  expect(executableOf({})).toBe(CHROMIUM);
});

test('one that cannot be started is none', async () => {
  const executablePath = await temporaryFolder();
  expect(executableOf({ executablePath })).toBeNull();
  expect(() => requireExecutable({ executablePath })).toThrow(
    expect.objectContaining({ code: 'BROWSER_NOT_FOUND' }),
  );
});

test('a channel is taken from Puppeteer, and is never another browser', () => {
  setEnvironment('PUPPETEER_EXECUTABLE_PATH', CHROMIUM);
  expect(executableOf({ channel: 'chrome-canary' })).not.toBe(CHROMIUM);
});
