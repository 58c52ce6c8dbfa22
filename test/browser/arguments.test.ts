import { expect, test } from 'vitest';
import { browserArguments, pinStorageBackends } from '../../src/browser/browser-arguments.js';

const SQLITE = 'IdbSqliteBackingStore,IdbSqliteOnDiskRollout,DomStorageSqlite';

test('the SQLite backends are pinned off in one switch, together with the caller’s features', () => {
  expect(pinStorageBackends([])).toEqual([`--disable-features=${SQLITE}`]);
  const given = ['--disable-features=One,Two', '--mute-audio', '--disable-features=Three'];
  expect(pinStorageBackends(given)).toEqual([
    '--mute-audio',
    `--disable-features=One,Two,Three,${SQLITE}`,
  ]);
});

test('pinning twice changes nothing', () => {
  const once = pinStorageBackends(['--disable-features=One']);
  expect(pinStorageBackends(once)).toEqual(once);
});

test('navigator.webdriver is hidden, together with the caller’s blink features', () => {
  expect(browserArguments(['--disable-blink-features=Other'], false)).toContain(
    '--disable-blink-features=Other,AutomationControlled',
  );
});

test('the browser is driven over a pipe, and has no sandbox only for root', () => {
  expect(browserArguments([], false)).toContain('--remote-debugging-pipe');
  expect(browserArguments([], false)).not.toContain('--no-sandbox');
  expect(browserArguments([], true)).toContain('--no-sandbox');
  const given = browserArguments(['--no-sandbox', '--remote-debugging-pipe'], true);
  expect(given.filter((arg) => arg === '--no-sandbox')).toHaveLength(1);
  expect(given.filter((arg) => arg === '--remote-debugging-pipe')).toHaveLength(1);
});
