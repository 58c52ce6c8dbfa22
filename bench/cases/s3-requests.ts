import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Device } from '../../src/standin/index.js';
import { chromium, holdfast, s3, startStandIn } from '../built.js';
import { engine } from '../holdfast-engine.js';
import { middleSize } from '../options.js';
import { browserArgs } from '../profiles/browser.js';
import { madeProfile } from '../profiles/made-profile.js';
import { bytes, type Column, column } from '../report/columns.js';
import type { Results } from '../report/results.js';
import { CountedS3, commands, type Requests } from '../s3/counted-s3.js';
import { ASSUMPTIONS, costOf, type Measured, monthlyCost } from '../s3/monthly-cost.js';
import type { BenchCase } from './bench-case.js';
import { oneMessage } from './message.js';
import { withRunFolder } from './run-folder.js';

const SESSION = 'RemoteAuth';
const KEY = Buffer.alloc(32, 7);
/** Before saves are counted: older snapshots are then deleted with each. */
const FIRST_SAVES = 15;
const SAVES = 60;
const QUIET_MS = 15_000;
const IDLE_MS = 60_000;
const PATIENCE_MS = 60_000;

export const s3RequestsCase: BenchCase = {
  title: 'Requests to S3 of a session with RemoteAuth, and what they cost',
  columns: [
    average('GET', 'get'),
    average('PUT', 'put'),
    average('PUT of the lease', 'lease'),
    average('LIST', 'list'),
    average('DELETE', 'delete'),
    column('cost', 'dollars', dollars),
    column('of it lease', 'leaseCost', dollars),
    column('saves', 'savesCost', dollars),
    column('starts and stops', 'startsCost', dollars),
    column('storage', 'storageCost', dollars),
    column('stored', 'storedBytes', bytes),
  ],

  async run({ options, chromium: version, say }, results) {
    const size = middleSize(options);
    const made = await madeProfile(size, version);
    results.skip(ASSUMPTIONS);
    await withRunFolder(async (folder) => {
      const s3 = new CountedS3();
      say(`the first save of ${size} MB`);
      await saveFirst(s3, made.folder);
      note(results, size, 'first save', s3.takeRequests());
      const standIn = await startStandIn({ page: { syncDelayMs: 500 } });
      const device = standIn.phone.addDevice(made.device);
      const args = browserArgs(standIn.launchArgs);
      try {
        const measured = await follow({ s3, device, args, folder, say }, (what, requests) =>
          note(results, size, what, requests),
        );
        for (const sessions of [1, 300]) {
          const { total, lease, saves, starts, storage } = monthlyCost(measured, sessions);
          const costs = { leaseCost: lease, savesCost: saves, startsCost: starts };
          const storedBytes = sessions * measured.storedBytes;
          const row = { size, peer: 'holdfast', operation: `a month, sessions: ${sessions}` };
          results.add(row, { dollars: total, ...costs, storageCost: storage, storedBytes });
        }
      } finally {
        await standIn.close();
      }
    });
  },
};

interface Following {
  s3: CountedS3;
  device: Device;
  args: string[];
  folder: string;
  say(what: string): void;
}

/** A start from the store, saves, a pause, the end, and what each of them has asked for. */
async function follow(
  { s3, device, args, folder, say }: Following,
  tell: (what: string, requests: Requests) => void,
): Promise<Measured> {
  const store = open(s3);
  const authStrategy = new holdfast.RemoteAuth({
    store,
    dataPath: path.join(folder, 'data'),
    encryptionKey: KEY,
    // As often as the test can bear; what a save asks for does not depend on it.
    backupSyncIntervalMs: 1000,
  });
  const client = new holdfast.Client({
    authStrategy,
    puppeteer: { executablePath: chromium, args },
  });
  let saves = 0;
  client.on('session_saved', () => saves++);
  const untilSaved = (wanted: number) => until(() => saves >= wanted);

  say('a start');
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  await client.initialize();
  await ready;
  await pause(3000);
  const start = take(s3, 'start', tell);

  say(`${SAVES} saves`);
  await saveAgain(device, () => saves, untilSaved, FIRST_SAVES);
  s3.takeRequests();
  const before = saves;
  await saveAgain(device, () => saves, untilSaved, SAVES);
  const { lease: _, ...ofSaves } = s3.takeRequests();
  const save = share({ ...ofSaves, lease: 0 }, saves - before);
  tell('save with a change', save);

  say('a minute without messages');
  await untilQuiet(() => saves);
  s3.takeRequests();
  await pause(IDLE_MS);
  const idle = share(s3.takeRequests(), IDLE_MS / 3_600_000);
  tell('an hour without messages', idle);

  say('the end');
  const storedBytes = s3.storedBytes;
  await client.destroy();
  const stop = take(s3, 'stop', tell);
  await store.close();
  return { start, save, leasePerHour: idle.lease, stop, storedBytes };
}

async function saveAgain(
  device: Device,
  saves: () => number,
  untilSaved: (wanted: number) => Promise<void>,
  times: number,
): Promise<void> {
  for (let time = 0; time < times; time++) {
    const wanted = saves() + 1;
    await device.receive(oneMessage());
    await untilSaved(wanted);
  }
}

function open(s3Client: CountedS3) {
  return new s3.AwsS3Store({ bucketName: 'bucket', remoteDataPath: 'bot', s3Client, ...commands });
}

async function saveFirst(s3: CountedS3, userDataDir: string): Promise<void> {
  const store = open(s3);
  const location = { store, session: SESSION, encryptionKey: KEY };
  const saver = await engine.ProfileSaver.open({ ...location, userDataDir });
  await saver.save();
  await saver.close();
  await store.close();
}

function take(s3: CountedS3, what: string, tell: (what: string, requests: Requests) => void) {
  const requests = s3.takeRequests();
  tell(what, requests);
  return requests;
}

function note(results: Results, size: number, operation: string, requests: Requests): void {
  results.add({ size, peer: 'holdfast', operation }, { ...requests, dollars: costOf(requests) });
}

function share(requests: Requests, of: number): Requests {
  const { get, put, lease, list, delete: deleted } = requests;
  return { get: get / of, put: put / of, lease: lease / of, list: list / of, delete: deleted / of };
}

/** The browser writes for a while after the last message. */
async function untilQuiet(saves: () => number): Promise<void> {
  for (let before = -1; before !== saves(); ) {
    before = saves();
    await pause(QUIET_MS);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('nothing was saved for a minute');
    await pause(50);
  }
}

function average(title: string, figure: string): Column {
  return column(title, figure, (value) => value.toFixed(Number.isInteger(value) ? 0 : 2));
}

function dollars(value: number): string {
  return value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}
