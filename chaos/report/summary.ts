import { faultsOf, type RoundResult } from '../result.js';
import { type Spread, spread } from './spread.js';

export interface Summary {
  rounds: number;
  linked: number;
  askedForCode: number;
  refused: number;
  stuck: number;
  failedRounds: number[];
  blows: number;
  /** Connections to the store. */
  cuts: number;
  updatesLost: number;
  holes: number;
  doubleHolders: number;
  /** Two connections while a killed node's browser closed, or one cut off from the store did. */
  handOverOverlaps: number;
  leftovers: number;
  /** How far the store was behind at a blow after which it was needed, while it answered. */
  lossMs: Spread;
  /** The same where the worker that was struck had not saved anything yet. */
  lossBeforeFirstSaveMs: Spread;
  lossWhileStoreFailedMs: Spread;
  readyToDurableMs: Spread;
  restartToReadyMs: Spread;
  leaseWaitAfterKillMs: Spread;
}

export function summarize(results: readonly RoundResult[]): Summary {
  const count = (outcome: RoundResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const sum = (of: (result: RoundResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const losses = results.flatMap((result) => result.losses);
  const sound = losses.filter(({ storeFailed }) => !storeFailed);
  return {
    rounds: results.length,
    linked: count('linked'),
    askedForCode: count('asked for a code'),
    refused: count('refused as corrupt'),
    stuck: count('stuck'),
    failedRounds: results.filter((each) => faultsOf(each).length > 0).map(({ round }) => round),
    blows: sum(({ strikes }) => strikes.length),
    cuts: sum(({ cuts }) => cuts),
    updatesLost: losses.reduce((total, { updates }) => total + updates, 0),
    holes: sum(({ holes }) => holes.length),
    doubleHolders: sum(({ doubleHolders }) => doubleHolders.length),
    handOverOverlaps: sum(({ overlaps, doubleHolders }) => overlaps - doubleHolders.length),
    leftovers: sum(({ leftovers }) => leftovers.length),
    lossMs: spread(sound.filter(({ wasSaving }) => wasSaving).map(({ ms }) => ms)),
    lossBeforeFirstSaveMs: spread(sound.filter((loss) => !loss.wasSaving).map(({ ms }) => ms)),
    lossWhileStoreFailedMs: spread(losses.filter((loss) => loss.storeFailed).map(({ ms }) => ms)),
    readyToDurableMs: spread(results.map(({ durableMs }) => durableMs)),
    restartToReadyMs: spread(results.map(({ restartMs }) => restartMs)),
    leaseWaitAfterKillMs: spread(results.map(({ leaseWaitMs }) => leaseWaitMs)),
  };
}
