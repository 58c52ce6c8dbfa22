import { setTimeout as pause } from 'node:timers/promises';
import { startStandIn } from '../built.js';
import { bytes, column, count, rangeColumn, ratioColumn, seconds } from '../report/columns.js';
import type { Results } from '../report/results.js';
import type { BenchCase } from './bench-case.js';
import { withRunFolder } from './run-folder.js';
import { SessionKeeper } from './session-keeper.js';

/** With less, whatsapp-web.js attaches after the page has synced, and waits for ever. */
const SYNC_MS = 2000;
/** What a start leaves to do has been done by then. */
const REST_MS = 20_000;
const LIGHT_TRAFFIC = { perSecond: 0.5, bytes: 1000 };

const RIVAL = 'whatsapp-web.js';
const KEEPERS = [
  { name: 'holdfast, lean', worker: 'sessions-holdfast', isLean: true },
  { name: 'holdfast', worker: 'sessions-holdfast', isLean: false },
  { name: RIVAL, worker: 'sessions-whatsapp-web-js', isLean: false },
] as const;

export const sessionsCase: BenchCase = {
  title:
    'What a linked session takes of the machine: its browser, and its share of the node process',
  columns: [
    rangeColumn('memory', 'memoryBytes', bytes),
    ratioOf('memoryBytes'),
    rangeColumn('of it own', 'ownMemoryBytes', bytes),
    ratioOf('ownMemoryBytes'),
    rangeColumn('CPU per minute', 'cpuPerMinute', seconds),
    ratioOf('cpuPerMinute'),
    column('processes', 'processes', count),
    column('node memory', 'nodeMemoryBytes', bytes),
    column('node CPU per minute', 'nodeCpuPerMinute', seconds),
  ],

  async run({ options, say }, results) {
    const standIn = await startStandIn({ page: { syncDelayMs: SYNC_MS } });
    await withRunFolder(async (folder) => {
      say(`linking ${options.sessions} sessions with each`);
      const keepers: SessionKeeper[] = [];
      try {
        for (const each of KEEPERS) {
          const keeper = await SessionKeeper.start(each);
          keepers.push(keeper);
          await keeper.link(options.sessions, standIn, folder);
        }
        await pause(REST_MS);
        // All at one time: the memory that browsers share counts the same for each.
        say(`idle for ${options.sessionSeconds} s`);
        await measure(keepers, 'idle', options.sessionSeconds, results);
        const devices = keepers.flatMap((keeper) => keeper.devices);
        const traffic = devices.map((device) => device.startTraffic(LIGHT_TRAFFIC));
        say(`light traffic for ${options.sessionSeconds} s`);
        await measure(keepers, 'light traffic', options.sessionSeconds, results);
        await Promise.all(traffic.map((each) => each.stop()));
        const damaged = devices.filter(({ lost, corruption }) => lost > 0 || corruption.length > 0);
        if (damaged.length > 0) throw new Error(`${damaged.length} sessions have lost something`);
      } finally {
        await Promise.all(keepers.map((keeper) => keeper.end()));
      }
    });
    await standIn.close();
  },
};

function ratioOf(figure: string) {
  return ratioColumn(`times ${RIVAL}`, figure, (peer) => (peer === RIVAL ? undefined : RIVAL));
}

async function measure(
  keepers: readonly SessionKeeper[],
  operation: string,
  duration: number,
  results: Results,
): Promise<void> {
  const before = keepers.map((keeper) => keeper.use());
  const from = performance.now();
  await pause(duration * 1000);
  const minutes = (performance.now() - from) / 60_000;
  for (const [at, keeper] of keepers.entries()) {
    for (const [session, use] of keeper.use().entries()) {
      const start = before[at]?.[session];
      const perMinute = (now: number, then = 0) => (now - then) / minutes;
      results.add(
        { size: 0, peer: keeper.name, operation },
        {
          processes: use.browser.processes,
          memoryBytes: use.browser.memoryBytes,
          ownMemoryBytes: use.browser.ownMemoryBytes,
          cpuPerMinute: perMinute(use.browser.cpuSeconds, start?.browser.cpuSeconds),
          nodeMemoryBytes: use.nodeMemoryBytes,
          nodeCpuPerMinute: perMinute(use.nodeCpuSeconds, start?.nodeCpuSeconds),
        },
      );
    }
  }
}
