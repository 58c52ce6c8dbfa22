import { rotate } from '../measure/statistics.js';
import { PEERS } from '../peers/peers.js';
import { madeProfile } from '../profiles/made-profile.js';
import {
  bytes,
  column,
  count,
  milliseconds,
  rangeColumn,
  seconds,
  times,
} from '../report/columns.js';
import type { BenchCase } from './bench-case.js';
import { Contest } from './contest.js';
import { oneMessage } from './message.js';
import { withRunFolder } from './run-folder.js';

export const savesCase: BenchCase = {
  title: 'Saves of a live profile, and restore',
  columns: [
    rangeColumn('wall', 'wallMs', milliseconds),
    column('CPU', 'cpuSeconds', seconds),
    column('sent', 'bytesSent', bytes),
    column('requests', 'requests', count),
    column('changed on disk', 'changedBytes', bytes),
    column('of it appended', 'appendedBytes', bytes),
    column('extra disk', 'diskPeakBytes', bytes),
    column('memory', 'memoryBytes', bytes),
    column('store', 'storeBytes', bytes),
    column('of profile', 'storeShare', times),
  ],

  async run({ options, chromium, say }, results) {
    for (const size of options.sizes) {
      say(`profile of ${size} MB`);
      const made = await madeProfile(size, chromium);
      for (let run = 0; run < options.runs; run++) {
        say(`saves of ${size} MB, run ${run + 1} of ${options.runs}`);
        await withRunFolder(async (folder) => {
          const contest = await Contest.open(PEERS, made, folder, results);
          try {
            await oneRun(contest, run, options.messages);
          } finally {
            await contest.close();
          }
        });
      }
    }
  },
};

async function oneRun(contest: Contest, run: number, messages: number): Promise<void> {
  // LevelDB tidies up after it was opened; whoever copies files by name fails meanwhile.
  await contest.live.quiet();
  for (const each of rotate(contest.contestants, run)) await contest.save(each, 'first save');
  contest.changes();
  for (let message = 0; message < messages; message++) {
    await contest.live.device.receive(oneMessage());
    const changes = contest.changes();
    for (const each of rotate(contest.contestants, run + message)) {
      await contest.save(each, 'save after a message', changes);
    }
  }
  // The browser adds some bytes a moment after a message; only then there is nothing new.
  await contest.live.quiet();
  contest.changes();
  for (const { open, peer } of contest.contestants) {
    if (peer.isIncremental) await open.save().catch(() => undefined);
  }
  for (const each of rotate(contest.contestants, run)) {
    await contest.save(each, 'save, nothing new', contest.changes());
  }
  for (const each of rotate(contest.contestants, run)) await contest.restore(each, 'restore');
}
