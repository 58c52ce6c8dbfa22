import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  installFolder,
  type Program,
  processesOfGroup,
  startProgram,
  until,
} from '../client/processes.js';
import { CHROMIUM, type Device, type StandIn, startStandIn } from '../client/support.js';
import { browserArgs } from '../standin/stand-in.js';

const WHATSAPP_WEB_JS = JSON.stringify(require.resolve('whatsapp-web.js'));

/** A bot with LocalAuth, under either Client. */
const script = (client: string) => `
  const { LocalAuth } = require('holdfast');
  const { Client } = require(${client});
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const client = new Client({
    authStrategy: new LocalAuth(),
    ...JSON.parse(process.env.OPTIONS),
  });
  client.on('qr', (qr) => say('qr', qr));
  client.on('ready', () => say('ready', client.pupBrowser.process().pid));
  client.on('disconnected', (reason) => say('disconnected', reason));
  process.on('warning', ({ name, code }) => name === 'HoldfastWarning' && say('warning', code));
  process.once('SIGUSR2', () => client.destroy().then(() => say('destroyed')));
  client.initialize().catch((error) => say('failed', error.message));
`;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

interface Bot {
  folder: string;
  start(): Program;
}

function createBot(client = "'holdfast'"): Bot {
  const folder = installFolder();
  const isTheirs = client === WHATSAPP_WEB_JS;
  const OPTIONS = JSON.stringify({
    ...(isTheirs && { webVersionCache: { type: 'none' } }),
    puppeteer: { executablePath: CHROMIUM, args: browserArgs(standIn) },
  });
  return { folder, start: () => startProgram(script(client), { folder, env: { OPTIONS } }) };
}

const journalOf = ({ folder }: Bot) =>
  path.join(folder, '.wwebjs_auth/session/holdfast-live-values.json');

async function linkNew(bot: Bot): Promise<{ program: Program; device: Device; group: number }> {
  const program = bot.start();
  const device = await standIn.phone.scan(await program.until('qr'));
  return { program, device, group: await program.until<number>('ready') };
}

/** Ends node and the whole browser at once, as a power cut or the kernel's OOM killer would. */
async function killBoth(program: Program, group: number): Promise<void> {
  process.kill(-group, 'SIGKILL');
  program.kill('SIGKILL');
  await program.exited;
  await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
}

async function expectStillLinked(bot: Bot, device: Device): Promise<void> {
  const again = bot.start();
  await until('ready, or a code', () => again.names().length > 0);
  again.kill('SIGTERM');
  await again.exited;
  expect(again.names()).toEqual(['ready']);
  expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
}

describe('a new login outlives a kill -9 of the browser and node', () => {
  test.each([0, 500, 1000, 2000, 3000, 5000])('%i ms after ready', async (ms) => {
    const bot = createBot();
    const { program, device, group } = await linkNew(bot);
    // The moment is what is tested.
    await sleep(ms);
    await killBoth(program, group);
    await expectStillLinked(bot, device);
  });

  test('twice, with a start in between that is killed as well', async () => {
    const bot = createBot();
    const { program, device, group } = await linkNew(bot);
    await killBoth(program, group);
    const second = bot.start();
    await killBoth(second, await second.until<number>('ready'));
    await expectStillLinked(bot, device);
  });

  test("under whatsapp-web.js's Client, also of a device that was linked anew", async () => {
    // It attaches late and waits for ever if the page has synced before.
    standIn.page.syncDelayMs = 2000;
    onTestFinished(() => {
      standIn.page.syncDelayMs = 50;
    });
    const bot = createBot(WHATSAPP_WEB_JS);
    const { program, device } = await linkNew(bot);
    const codes = () => program.events.filter(([name]) => name === 'qr');
    const before = codes().length;
    device.unlink();
    await until('a new code', () => codes().length > before);
    const relinked = await standIn.phone.scan(codes().at(-1)?.[1] as string);
    const readies = () => program.events.filter(([name]) => name === 'ready');
    await until('ready again', () => readies().length === 2);
    await killBoth(program, readies()[1]?.[1] as number);
    await expectStillLinked(bot, relinked);
  });
});

test('a new login outlives a kill -9 of node alone', async () => {
  const bot = createBot();
  const { program, device, group } = await linkNew(bot);
  program.kill('SIGKILL');
  await program.exited;
  await until('end of the browser', () => processesOfGroup(group).length === 0, 10_000);
  await expectStillLinked(bot, device);
});

test('a journal that is damaged stops no start', async () => {
  const bot = createBot();
  const { program, device, group } = await linkNew(bot);
  await until('a journal', () => existsSync(journalOf(bot)));
  await expectClosed(program, group);
  writeFileSync(journalOf(bot), 'nonsense');
  await expectStillLinked(bot, device);
});

test('the journal lets go of everything at destroy(): the process ends by itself', async () => {
  const bot = createBot();
  const { program } = await linkNew(bot);
  program.kill('SIGUSR2');
  await program.until('destroyed');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.names()).not.toContain('warning');
});

async function expectClosed(program: Program, group: number): Promise<void> {
  program.kill('SIGTERM');
  await program.exited;
  await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
}
