import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { RunningCommand } from './command.js';

test('the demo links, answers a message, restarts, is still linked, and leaves nothing', async () => {
  const before = await demoFolders();
  const command = new RunningCommand(['run', '--demo', '--json']);
  expect(await command.ended, command.output).toBe(0);
  const events = command.events.map(({ event }) => event);
  expect(events.filter((event) => event === 'qr')).toHaveLength(1);
  expect(events.filter((event) => event === 'ready')).toHaveLength(2);
  expect(events.indexOf('qr')).toBeLessThan(events.indexOf('ready'));
  expect(command.output).toContain('the bot answered \\"pong\\"');
  expect(command.errors).toEqual([]);
  expect(await demoFolders()).toEqual(before);
});

async function demoFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('holdfast-demo-'));
}
