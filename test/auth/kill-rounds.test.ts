import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  installFolder,
  type Program,
  processesOfGroup,
  startProgram,
  until,
} from '../client/processes.js';
import { browsersOf, type StandIn, startStandIn } from '../client/support.js';

/** How many browsers die; three show each way once. */
const ROUNDS = Number(process.env.HOLDFAST_KILL_ROUNDS ?? 3);
const ROUND_MS = 60_000;
const WAYS = ['node alone', 'the browser alone', 'both'] as const;
const TRAFFIC = { perSecond: 200, bytes: 4096 };

const SCRIPT = `
  const { Client, LocalAuth } = require('holdfast');
  const say = (...event) => process.stdout.write(JSON.stringify(event) + '\\n');
  const client = new Client({
    authStrategy: new LocalAuth(),
    puppeteer: { args: JSON.parse(process.env.ARGS) },
  });
  client.on('qr', (qr) => say('qr', qr));
  client.on('ready', () => say('ready', client.pupBrowser.process().pid));
  client.on('disconnected', (reason) => say('disconnected', reason));
  client.on('auth_failure', (message) => say('auth_failure', message));
  client.initialize().catch((error) => say('failed', error.message));
`;

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

test(
  `a session under load survives ${ROUNDS} rounds of kill -9 without a new QR, a loss or a leftover`,
  async () => {
    const folder = installFolder();
    const env = { ARGS: JSON.stringify(standIn.launchArgs) };
    const start = () => startProgram(SCRIPT, { folder, env });
    const first = start();
    const device = await standIn.phone.scan(await first.until('qr'));
    await first.until('ready');
    first.kill('SIGTERM');
    await first.exited;

    const traffic = device.startTraffic(TRAFFIC);
    for (let round = 0; round < ROUNDS; round++) {
      const way = WAYS[round % WAYS.length];
      const program = start();
      const group = await program.until<number>('ready');
      // The moment is random on purpose: over many rounds it falls everywhere.
      await sleep(randomInt(100, 3000));
      if (way !== 'node alone') process.kill(-group, 'SIGKILL');
      if (way === 'the browser alone') await closeAfterLoss(program);
      else program.kill('SIGKILL');
      await program.exited;
      await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
      const context = `round ${round + 1}, killed: ${way}`;
      const told = way === 'the browser alone' ? ['ready', 'disconnected'] : ['ready'];
      expect(program.names(), context).toEqual(told);
      expect(device, context).toMatchObject({ linked: true, lost: 0, corruption: [] });
      expect(device.maxConnections, context).toBe(1);
    }

    const last = start();
    await last.until('ready');
    await traffic.stop({ timeoutMs: ROUND_MS });
    expect(traffic.acked).toBe(traffic.sent);
    last.kill('SIGTERM');
    await last.exited;
    expect(last.names()).toEqual(['ready']);
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [], maxConnections: 1 });
    expect(browsersOf(folder)).toEqual([]);
  },
  (ROUNDS + 2) * ROUND_MS,
);

async function closeAfterLoss(program: Program): Promise<void> {
  expect(await program.until('disconnected')).toBe('BROWSER_CLOSED');
}
