import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesOfGroup, startProgram, until } from '../client/processes.js';
import {
  link,
  type StandIn,
  startClient,
  startStandIn,
  TEMPORARY,
  temporaryProfiles,
} from '../client/support.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn({ page: { syncDelayMs: 50 } });
});
afterAll(() => standIn.close());

test('each start is a fresh session, and nothing of it stays on disk', async () => {
  const before = readdirSync(TEMPORARY);
  const started = startClient(standIn);
  await link(standIn, started);
  expect(temporaryProfiles()).toHaveLength(1);
  await started.client.destroy();
  expect(readdirSync(TEMPORARY)).toEqual(before);
  await started.client.initialize();
  await started.log.until('qr', 2);
});

test.runIf(process.platform === 'linux')(
  'what its browser leaves in its temporary folder goes with the profile',
  async () => {
    const started = startClient(standIn);
    await started.log.until('qr');
    const browser = started.client.pupBrowser?.process()?.pid;
    const environment = readFileSync(`/proc/${browser}/environ`, 'utf8').split('\0');
    const [folder = ''] = temporaryProfiles();
    expect(environment).toContain(`TMPDIR=${path.join(TEMPORARY, folder)}`);
    await started.client.destroy();
    expect(temporaryProfiles()).toEqual([]);
  },
);

test('what a killed process could not remove, the next start removes', async () => {
  const script = `
    const { Client } = require('holdfast');
    const client = new Client({ puppeteer: { args: JSON.parse(process.env.ARGS) } });
    client.on('qr', () => {
      process.stdout.write(JSON.stringify(['qr', client.pupBrowser.process().pid]) + '\\n');
    });
    client.initialize();
  `;
  const program = startProgram(script, { env: { ARGS: JSON.stringify(standIn.launchArgs) } });
  const group = await program.until<number>('qr');
  const [abandoned] = temporaryProfiles();
  expect(abandoned).toBeDefined();
  program.kill('SIGKILL');
  await program.exited;
  await until('end of the browser', () => processesOfGroup(group).length === 0, 5000);
  expect(temporaryProfiles()).toContain(abandoned);

  const { client, initialized } = startClient(standIn);
  await initialized;
  expect(temporaryProfiles()).not.toContain(abandoned);
  await client.destroy();
  expect(temporaryProfiles()).toEqual([]);
});
