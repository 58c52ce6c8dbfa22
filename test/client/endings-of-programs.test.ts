import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installFolder, processesOfGroup, startProgram, until } from './processes.js';
import { type StandIn, startStandIn } from './support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

describe('a program that ends without a word', () => {
  const script = (end: string) => `
    const { Client, LocalAuth } = require('holdfast');
    const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
    const client = new Client({ authStrategy: new LocalAuth(), puppeteer: { args: JSON.parse(process.env.ARGS) } });
    client.on('qr', (qr) => say('qr', qr));
    client.on('ready', () => { say('ready', client.pupBrowser.process().pid); ${end} });
    client.initialize();
  `;
  const env = () => ({ ARGS: JSON.stringify(standIn.launchArgs) });

  test.each([
    ['process.exit(0)', 'process.exit(0);', { code: 0, signal: null }],
    ['an error nobody catches', "throw new Error('a bug');", { code: 1, signal: null }],
    ['kill -9', "process.kill(process.pid, 'SIGKILL');", { code: null, signal: 'SIGKILL' }],
  ])('by %s: its browser ends by itself, and the login is kept', async (_, end, exit) => {
    const folder = installFolder();
    const first = startProgram(script('client.destroy();'), { folder, env: env() });
    const device = await standIn.phone.scan(await first.until('qr'));
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = startProgram(script(end), { folder, env: env() });
    const preferences = path.join(folder, '.wwebjs_auth/session/Default/Preferences');
    const { mtimeMs } = statSync(preferences);
    const group = await second.until<number>('ready');
    expect(await second.exited).toEqual(exit);
    await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
    // It was not killed: a browser that closes properly writes these at the end.
    expect(statSync(preferences).mtimeMs).toBeGreaterThan(mtimeMs);

    const third = startProgram(script('client.destroy();'), { folder, env: env() });
    await third.until('ready');
    expect(await third.exited).toEqual({ code: 0, signal: null });
    expect([...second.names(), ...third.names()]).toEqual(['ready', 'ready']);
    expect(device).toMatchObject({ lost: 0, corruption: [], maxConnections: 1 });
  });
});
