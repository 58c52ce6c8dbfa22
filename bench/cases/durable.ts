import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { StandIn } from '../../src/standin/index.js';
import { startStandIn } from '../built.js';
import { rotate } from '../measure/statistics.js';
import { browserArgs } from '../profiles/browser.js';
import { count, milliseconds, rangeColumn, sumColumn } from '../report/columns.js';
import type { Figures, Results } from '../report/results.js';
import type { LinkCommands } from '../workers/link-holdfast.js';
import { Worker } from '../workers/worker.js';
import type { BenchCase } from './bench-case.js';
import { withRunFolder } from './run-folder.js';

/** With less, whatsapp-web.js attaches after the page has synced, and waits for ever. */
const SYNC_MS = 2000;

const LIBRARIES = [
  { name: 'holdfast', worker: 'link-holdfast' },
  { name: 'whatsapp-web.js', worker: 'link-whatsapp-web-js' },
] as const;

export const durableCase: BenchCase = {
  title: 'From ready to a login that outlives the machine, with RemoteAuth on a folder',
  columns: [
    rangeColumn('ready to saved', 'wallMs', milliseconds),
    sumColumn('links', 'links', count),
    sumColumn('linked again on an empty disk', 'linkedAgain', count),
  ],

  async run({ options, say }, results) {
    const standIn = await startStandIn({ page: { syncDelayMs: SYNC_MS } });
    for (let run = 0; run < options.runs; run++) {
      for (const { name, worker } of rotate(LIBRARIES, run)) {
        say(`a new link with ${name}`);
        await withRunFolder((folder) => linkOnce(standIn, name, worker, folder, results));
      }
    }
    await standIn.close();
  },
};

async function linkOnce(
  standIn: StandIn,
  peer: string,
  worker: string,
  folder: string,
  results: Results,
): Promise<void> {
  const row = { size: 0, peer, operation: 'new link' };
  try {
    results.add(row, await measure(standIn, worker, folder));
  } catch (error) {
    results.fail(row, error);
  }
}

async function measure(standIn: StandIn, name: string, folder: string): Promise<Figures> {
  const args = browserArgs(standIn.launchArgs);
  const store = path.join(folder, 'store');
  const start = async (disk: string) => {
    const dataPath = path.join(folder, disk);
    await mkdir(dataPath);
    const worker = await Worker.start<LinkCommands>(name);
    return { worker, started: await worker.call('start', { dataPath, store, args }) };
  };
  const first = await start('first');
  const device = await standIn.phone.scan(first.started.qr ?? '');
  const { wallMs } = await first.worker.call('untilDurable', null);
  // Without a word to the client, as when the machine is lost.
  await first.worker.stop();
  await device.waitUntilDisconnected();

  const second = await start('second');
  await second.worker.stop();
  await device.waitUntilDisconnected();
  const isLinked = second.started.qr === null && device.linked;
  return { wallMs, links: 1, linkedAgain: isLinked ? 1 : 0 };
}
