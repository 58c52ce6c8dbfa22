import { holdfastBeside, serverPeers } from '../peers/server-peers.js';
import { type MadeProfile, madeProfile } from '../profiles/made-profile.js';
import {
  bytes,
  column,
  count,
  milliseconds,
  rangeColumn,
  ratioColumn,
  seconds,
} from '../report/columns.js';
import type { Results } from '../report/results.js';
import { openMongoServer } from '../servers/mongo-server.js';
import { openS3Server } from '../servers/s3-server.js';
import { orReason } from '../servers/server.js';
import type { BenchCase } from './bench-case.js';
import { Contest } from './contest.js';
import { oneRunOfSaves } from './one-run-of-saves.js';
import { withRunFolder } from './run-folder.js';

export const storesCase: BenchCase = {
  title: 'Saves of a live profile on MongoDB and S3, and restore',
  columns: [
    rangeColumn('wall', 'wallMs', milliseconds),
    ratioColumn('times holdfast', 'wallMs', holdfastBeside),
    column('sent', 'bytesSent', bytes),
    ratioColumn('times holdfast', 'bytesSent', holdfastBeside),
    column('received', 'bytesReceived', bytes),
    column('requests', 'requests', count),
    column('CPU', 'cpuSeconds', seconds),
    column('changed on disk', 'changedBytes', bytes),
    column('extra disk', 'diskPeakBytes', bytes),
    column('memory', 'memoryBytes', bytes),
  ],

  async run({ options, chromium, say }, results) {
    for (const size of options.storeSizes) {
      say(`profile of ${size} MB`);
      const made = await madeProfile(size, chromium);
      for (let run = 0; run < options.runs; run++) {
        say(`saves of ${size} MB on servers, run ${run + 1} of ${options.runs}`);
        await withRunFolder((folder) =>
          onServers(made, folder, results, (contest) =>
            oneRunOfSaves(contest, run, options.messages),
          ),
        );
      }
    }
  },
};

/** With servers of its own for each run: they keep everything in memory. */
async function onServers(
  made: MadeProfile,
  folder: string,
  results: Results,
  use: (contest: Contest) => Promise<void>,
): Promise<void> {
  const mongo = await orReason(openMongoServer());
  const s3 = await orReason(openS3Server());
  try {
    const contest = await Contest.open(serverPeers(mongo, s3), made, folder, results);
    try {
      await use(contest);
    } finally {
      await contest.close();
    }
  } finally {
    for (const each of [mongo, s3]) {
      if ('reason' in each) continue;
      // What was measured is worth more than a clean server of somebody else's.
      await each.server.close().catch((error) => results.skip(`tidying a server: ${error}`));
    }
  }
}
