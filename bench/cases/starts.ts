import { cp } from 'node:fs/promises';
import path from 'node:path';
import { startStandIn } from '../built.js';
import { rotate } from '../measure/statistics.js';
import { browserArgs } from '../profiles/browser.js';
import { type MadeProfile, madeProfile } from '../profiles/made-profile.js';
import { milliseconds, rangeColumn } from '../report/columns.js';
import type { Results } from '../report/results.js';
import type { StartCommands } from '../workers/start-holdfast.js';
import { Worker } from '../workers/worker.js';
import type { BenchCase } from './bench-case.js';
import { withRunFolder } from './run-folder.js';

/** With less, whatsapp-web.js attaches after the page has synced, and waits for ever. */
const SYNC_MS = 2000;

const LIBRARIES = [
  { name: 'holdfast', worker: 'start-holdfast' },
  { name: 'whatsapp-web.js', worker: 'start-whatsapp-web-js' },
] as const;

export const startsCase: BenchCase = {
  title: 'From initialize() to ready with a session kept by LocalAuth',
  columns: [
    rangeColumn('start to ready', 'wallMs', milliseconds),
    rangeColumn(`without the page's ${SYNC_MS} ms of sync`, 'ownMs', milliseconds),
  ],

  async run({ options, chromium, say }, results) {
    for (const size of options.sizes) {
      const made = await madeProfile(size, chromium);
      say(`starts with ${size} MB`);
      await withRunFolder((folder) => startBoth(made, folder, options.runs, results));
    }
  },
};

/** Each library has a copy of the profile, and starts from it again and again. */
async function startBoth(made: MadeProfile, folder: string, runs: number, results: Results) {
  const standIn = await startStandIn({ page: { syncDelayMs: SYNC_MS } });
  const device = standIn.phone.addDevice(made.device);
  for (const { name } of LIBRARIES) {
    await cp(made.folder, path.join(folder, name, 'session'), { recursive: true });
  }
  for (let run = 0; run < runs; run++) {
    for (const { name, worker } of rotate(LIBRARIES, run)) {
      const row = { size: made.megabytes, peer: name, operation: 'start' };
      try {
        const starting = await Worker.start<StartCommands>(worker);
        const dataPath = path.join(folder, name);
        const args = browserArgs(standIn.launchArgs);
        const start = starting.call('start', { dataPath, args });
        const { wallMs } = await start.finally(() => starting.stop());
        results.add(row, { wallMs, ownMs: wallMs - SYNC_MS });
        await device.waitUntilDisconnected();
      } catch (error) {
        results.fail(row, error);
      }
    }
  }
  await standIn.close();
}
