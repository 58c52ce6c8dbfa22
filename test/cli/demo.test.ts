import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { RunningCommand } from './command.js';

test('the demo links, talks, loses its disk, comes back without a code or a loss, and leaves nothing', async () => {
  const before = await demoFolders();
  const command = new RunningCommand(['run', '--demo', '--json']);
  expect(await command.ended, [command.output, ...command.errors].join('\n')).toBe(0);
  const events = command.events.map(({ event }) => event);
  expect(events.filter((event) => event === 'qr')).toHaveLength(1);
  expect(events.filter((event) => event === 'ready')).toHaveLength(2);
  expect(events.indexOf('qr')).toBeLessThan(events.indexOf('ready'));
  expect(command.output).toContain('the bot answered \\"pong\\"');
  const saved = await command.untilEvent('session_saved');
  expect(saved).toMatchObject({ reason: 'ready', bytesSent: expect.any(Number) });
  const restored = await command.untilEvent('session_restored');
  expect(restored).toMatchObject({ from: 'store', skipped: [] });
  expect(events.lastIndexOf('qr')).toBeLessThan(events.indexOf('session_restored'));
  expect(await command.untilEvent('message', events.indexOf('session_restored'))).toMatchObject({
    body: 'are you still there?',
  });
  expect(command.output).toMatch(/Still linked, no message lost: [\d.]+ [KM]B came back in/);
  expect(command.errors).toEqual([]);
  expect(await demoFolders()).toEqual(before);
});

async function demoFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('holdfast-demo-'));
}
