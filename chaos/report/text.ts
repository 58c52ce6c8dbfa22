import { faultsOf, type RoundResult, type Strike } from '../result.js';
import { describeSpread } from './spread.js';
import type { Summary } from './summary.js';

/** One line of a round, and one for each thing that was wrong. */
export function describeRound(result: RoundResult): string {
  const { round, plan, outcome, strikes, losses, restartMs, durableMs } = result;
  const circumstances = [
    plan.isNew ? 'new link' : null,
    plan.wipesDisk ? 'disk wiped' : 'disk kept',
    plan.secondAfterMs === null ? null : 'second worker',
    plan.faults === null ? null : `${Math.round(plan.faults.failing * 100)} % of requests fail`,
    plan.outageMs === null ? null : `store away for ${plan.outageMs} ms`,
  ];
  const facts = [
    strikes.map(describeStrike).join(', then '),
    ...circumstances.filter((each) => each !== null),
    outcome,
    ...losses.map(({ updates, ms }) => `${updates} updates lost (${ms} ms)`),
    restartMs === null ? null : `ready after ${restartMs} ms`,
    durableMs === null ? null : `durable ${durableMs} ms later`,
  ];
  const line = `round ${round}: ${facts.filter((fact) => fact !== null).join('; ')}`;
  return [line, ...faultsOf(result).map((fault) => `  FAILED: ${fault}`)].join('\n');
}

export function describeSummary(summary: Summary): string {
  const { lossMs, lossBeforeFirstSaveMs, lossWhileStoreFailedMs } = summary;
  const rows: [string, string | number][] = [
    ['rounds', summary.rounds],
    ['blows', summary.blows],
    ['cuts of the connections to the store', summary.cuts],
    ['linked', summary.linked],
    ['asked for a code', summary.askedForCode],
    ['refused as corrupt', summary.refused],
    ['stuck', summary.stuck],
    ['holes', summary.holes],
    ['double holders', summary.doubleHolders],
    ['  overlaps within a hand-over', summary.handOverOverlaps],
    ['leftovers', summary.leftovers],
    ['updates lost', summary.updatesLost],
    ['store behind at a blow', describeSpread(lossMs)],
    ['  before the first save of a run', describeSpread(lossBeforeFirstSaveMs)],
    ['  while the store failed', describeSpread(lossWhileStoreFailedMs)],
    ['ready to durable', describeSpread(summary.readyToDurableMs)],
    ['restart to ready', describeSpread(summary.restartToReadyMs)],
    ['wait for the lease after kill -9', describeSpread(summary.leaseWaitAfterKillMs)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function describeStrike({ blow, request, wasSaving }: Strike): string {
  const what = /-/.test(blow) ? blow : `kill -9 of ${blow}`;
  const where = request === null ? '' : ` ${request}`;
  return `${what}${where}${wasSaving ? '' : ' before the first save'}`;
}
