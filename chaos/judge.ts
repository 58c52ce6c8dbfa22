import type { Device } from '../src/standin/index.js';
import { isSound } from './plan.js';
import type { RoundResult, Strike } from './result.js';
import type { Candidate } from './survivor.js';
import type { World } from './world.js';

/**
 * A browser whose node process is killed closes by itself; so long its page may still be there when
 * the next one connects.
 */
export const HAND_OVER_MS = 500;

/** How things stood before the blow. */
export interface RoundStart {
  at: number;
  device: Device | null;
  returns: number;
  overlaps: number;
}

/** Puts into the result what has come of the blows. */
export function judgeRound(
  world: World,
  start: RoundStart,
  candidates: readonly Candidate[],
  result: RoundResult,
): void {
  const { session, living } = world;
  const { device } = session;
  result.holes.push(...(device?.corruption ?? []));
  if (session.wasAskedInVain) result.outcome = 'asked for a code';
  else if (device?.corruption.length) result.outcome = 'refused as corrupt';
  else if (living !== null) result.outcome = 'linked';
  judgeLeases(world, start.at, result);
  if (device === null) return;
  const isSame = device === start.device;
  judgeLosses(world, device, isSame ? start.returns : 0, result);
  judgeOverlaps(device, isSame ? start.overlaps : 0, result);
  measureTimes(world, candidates, result);
}

/** One that lives, and can reach the store, keeps its session. */
function judgeLeases({ workers }: World, from: number, result: RoundResult): void {
  const { blow } = result.plan;
  if (blow === 'long-stop' || blow === 'cut-off') return;
  for (const worker of workers) {
    for (const { at, error } of worker.of('lease-lost')) {
      if (at >= from) result.doubleHolders.push(`a worker that lives lost its lease: ${error}`);
    }
  }
}

function judgeLosses(world: World, device: Device, from: number, result: RoundResult): void {
  for (const { index, lost } of device.returns.slice(from)) {
    if (lost === 0) continue;
    const passedAt = world.session.timeline?.whenPassed(index) ?? Number.POSITIVE_INFINITY;
    // What was acknowledged after the last blow is that of a browser that outlived it.
    const strike = result.strikes.find(({ at }) => at >= passedAt);
    result.losses.push({
      updates: lost,
      ms: strike === undefined ? 0 : strike.at - passedAt,
      storeFailed: !isSound(result.plan) || world.cuts > 0,
      wasSaving: strike?.wasSaving ?? true,
    });
  }
}

function judgeOverlaps(device: Device, from: number, result: RoundResult): void {
  for (const { at, ms } of device.overlaps.slice(from)) {
    result.overlaps++;
    const isHandOver = result.strikes.some((strike) => isOfHandOver(strike, at, ms));
    const strike = result.strikes.findLast((each) => each.at <= at);
    const after = strike ? `${at - strike.at} ms after the blow (${strike.blow})` : 'before a blow';
    if (!isHandOver) result.doubleHolders.push(`two connections for ${ms} ms, ${after}`);
  }
}

/**
 * A worker that is cut off from the store cannot know that another one has taken over until its page
 * says so: then it has to go at once.
 */
function isOfHandOver(strike: Strike, at: number, ms: number | null): boolean {
  const since = at - strike.at;
  if (strike.blow === 'node') return since >= 0 && since <= HAND_OVER_MS;
  return strike.blow === 'cut-off' && since >= 0 && ms !== null && ms <= HAND_OVER_MS;
}

function measureTimes(
  { living }: World,
  candidates: readonly Candidate[],
  result: RoundResult,
): void {
  const { plan, strikes } = result;
  const ready = living?.of('ready')[0];
  const isResumed = candidates.some(({ resumedAt }) => resumedAt !== null);
  if (living === null || ready === undefined || isResumed) return;
  if (!isSound(plan)) return;
  const saved = living.of('saved')[0];
  if (saved) result.durableMs = saved.at - ready.at;
  if (plan.secondAfterMs !== null) return;
  result.restartMs = ready.at - living.startedAt;
  if (strikes.at(-1)?.blow === 'browser') return;
  const waiting = living.of('lease-waiting')[0];
  const restored = living.of('restored')[0] ?? ready;
  result.leaseWaitMs = waiting ? restored.at - waiting.at : 0;
}
