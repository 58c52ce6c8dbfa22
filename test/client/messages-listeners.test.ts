import { type ChildProcess, execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserArgs } from '../standin/stand-in.js';
import { resetPage } from './stand-in-page.js';
import { BUILD, CHROMIUM, type StandIn, startStandIn } from './support.js';

let standIn: StandIn;
const bots = new Set<ChildProcess>();
beforeAll(async () => {
  standIn = await startStandIn();
  resetPage(standIn);
});
afterAll(async () => {
  for (const bot of bots) bot.kill();
  await standIn.close();
});

/** A bot whose listeners throw, and what it prints of that. */
const BOT = `
  const { Client } = require(${JSON.stringify(BUILD)});
  const { executablePath, args } = JSON.parse(process.env.BROWSER);
  const client = new Client({ puppeteer: { executablePath, args } });
  const say = (what) => console.log(what);
  process.stdout.on('error', () => process.exit(1));
  process.on('uncaughtException', (error) => say('uncaught ' + error.message));
  client.on('qr', () => {
    client.requestPairingCode('12025550108');
    throw new Error('in qr');
  });
  client.on('code', (code) => { say('code ' + code); throw new Error('in code'); });
  client.on('authenticated', () => { throw new Error('in authenticated'); });
  client.on('change_state', () => { throw new Error('in change_state'); });
  client.on('ready', () => { say('ready'); throw new Error('in ready'); });
  client.on('message', async (message) => {
    say('message ' + message.body);
    if (message.body === 'throw') throw new Error('in message');
    await client.destroy();
    say('destroyed');
  });
  client.initialize().then(() => say('initialized'));
`;

test('a listener that throws surfaces as an uncaught exception, and the client goes on', async () => {
  const bot = promisify(execFile)(process.execPath, ['-e', BOT], {
    cwd: path.resolve('.'),
    env: {
      ...process.env,
      BROWSER: JSON.stringify({ executablePath: CHROMIUM, args: browserArgs(standIn) }),
    },
    timeout: 60_000,
  });
  bots.add(bot.child);
  const device = await standIn.phone.enterCode(await standIn.phone.waitForCode());
  await device.waitUntilSynced();
  await device.receive({ body: 'throw' });
  await device.receive({ body: 'end' });
  const lines = (await bot).stdout.trim().split('\n');
  for (const event of ['qr', 'code', 'authenticated', 'change_state', 'ready', 'message']) {
    expect(lines).toContain(`uncaught in ${event}`);
  }
  expect(lines).toContain('initialized');
  expect(lines.filter((line) => /^(ready|message .*|destroyed)$/.test(line))).toEqual([
    'ready',
    'message throw',
    'message end',
    'destroyed',
  ]);
});
