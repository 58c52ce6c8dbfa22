import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBrowserVersion } from '../../src/browser/browser-version.js';
import { windowedUserAgent } from '../../src/browser/user-agent.js';
import { CHROMIUM } from '../client/support.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

test('the version of a real browser is read, and in its user agent', async () => {
  const version = await readBrowserVersion(CHROMIUM);
  expect(version).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(await windowedUserAgent(CHROMIUM)).toContain(`Chrome/${version?.split('.')[0]}.0.0.0 `);
});

// Windows' browsers are not asked: a folder beside them is named after the version.
describe.skipIf(process.platform === 'win32')('a browser', () => {
  /** One that says `answer`, and counts how often it was asked. */
  async function standIn(answer: string) {
    const executablePath = path.join(await temporaryFolder(), 'chromium');
    const log = `${executablePath}.log`;
    let seconds = 0;
    const install = (words: string) => {
      const script = `#!/bin/sh\necho asked >> '${log}'\n${words}\n`;
      writeFileSync(executablePath, script, { mode: 0o755 });
      // A file system may be too coarse to tell two writes within milliseconds.
      utimesSync(executablePath, ++seconds, seconds);
    };
    install(answer);
    const timesAsked = () => readFileSync(log, 'utf8').trim().split('\n').length;
    return { executablePath, install, timesAsked };
  }

  test('is asked once, also by several at a time', async () => {
    const { executablePath, timesAsked } = await standIn('echo Chromium 150.0.7871.100 built on X');
    const ask = () => readBrowserVersion(executablePath);
    expect(await Promise.all([ask(), ask()])).toEqual(['150.0.7871.100', '150.0.7871.100']);
    expect(await ask()).toBe('150.0.7871.100');
    expect(timesAsked()).toBe(1);
  });

  test('is asked again when it was updated, also to a file of the same size', async () => {
    const { executablePath, install } = await standIn('echo 150.0.7871.100');
    expect(await readBrowserVersion(executablePath)).toBe('150.0.7871.100');
    install('echo 151.0.7871.100');
    expect(await readBrowserVersion(executablePath)).toBe('151.0.7871.100');
  });

  test('is asked again when it gave no answer', async () => {
    const { executablePath, timesAsked } = await standIn('exit 1');
    expect(await readBrowserVersion(executablePath)).toBeNull();
    expect(await readBrowserVersion(executablePath)).toBeNull();
    expect(timesAsked()).toBe(2);
  });

  test('that is not there has no version', async () => {
    expect(await readBrowserVersion('/nowhere/chromium')).toBeNull();
    expect(await windowedUserAgent('/nowhere/chromium')).toBeNull();
  });
});
