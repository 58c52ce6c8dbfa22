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
import { oneRunOfSaves } from './one-run-of-saves.js';
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
            await oneRunOfSaves(contest, run, options.messages);
          } finally {
            await contest.close();
          }
        });
      }
    }
  },
};
