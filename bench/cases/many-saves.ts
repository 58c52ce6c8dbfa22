import { middleSize } from '../options.js';
import { holdfastPeer } from '../peers/holdfast.js';
import { resticPeer } from '../peers/restic.js';
import { madeProfile } from '../profiles/made-profile.js';
import {
  bytes,
  column,
  count,
  milliseconds,
  rangeColumn,
  seconds,
  sumColumn,
} from '../report/columns.js';
import type { Row } from '../report/results.js';
import type { BenchCase } from './bench-case.js';
import { Contest } from './contest.js';
import { oneMessage } from './message.js';
import { withRunFolder } from './run-folder.js';

export const manySavesCase: BenchCase = {
  title: 'Many saves, each after one message, and the restore after them',
  columns: [
    { title: 'times', text: ({ samples }) => String(samples.length) },
    rangeColumn('wall', 'wallMs', milliseconds),
    column('CPU', 'cpuSeconds', seconds),
    column('sent', 'bytesSent', bytes),
    sumColumn('sent in all', 'bytesSent', bytes),
    column('requests', 'requests', count),
    { title: 'store at the end', text: (row) => lastOf(row, 'storeBytes') },
  ],

  async run({ options, chromium, say }, results) {
    const { manySaves, manyResticSaves, runs } = options;
    const size = middleSize(options);
    results.skip('whatsapp-web.js and cp -r: they keep one whole copy, so it is as after one save');
    results.skip(
      `restic saves ${manyResticSaves} times only, at every ${count(manySaves / manyResticSaves)}th message`,
    );
    const made = await madeProfile(size, chromium);
    await withRunFolder(async (folder) => {
      const contest = await Contest.open([holdfastPeer, resticPeer], made, folder, results);
      try {
        for (let message = 1; message <= manySaves; message++) {
          if (message % 100 === 0) say(`${message} of ${manySaves} saves of ${size} MB`);
          await contest.live.device.receive(oneMessage());
          for (const each of contest.contestants) {
            const everyMessages = each.peer === resticPeer ? manySaves / manyResticSaves : 1;
            if (message % Math.round(everyMessages) === 0) await contest.save(each, 'save');
          }
        }
        for (let run = 0; run < runs; run++) {
          for (const each of contest.contestants) await contest.restore(each, 'restore after them');
        }
      } finally {
        await contest.close();
      }
    });
  },
};

function lastOf({ samples }: Row, figure: string): string {
  const last = samples.at(-1)?.[figure] ?? null;
  return last === null ? '-' : bytes(last);
}
