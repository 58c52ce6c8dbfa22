import { HAND_OVER_MS } from '../judge.js';
import type { FleetSession } from './fleet-session.js';
import type { FleetWorld } from './fleet-world.js';
import type { FleetRoundResult } from './result.js';

/** How things stood before the blow. */
export interface FleetStart {
  linkingPages: number;
  sessions: Map<FleetSession, { returns: number; overlaps: number }>;
}

export function startOf({ sessions, standIn }: FleetWorld): FleetStart {
  const stateOf = ({ device }: FleetSession) => ({
    returns: device.returns.length,
    overlaps: device.overlaps.length,
  });
  return {
    linkingPages: standIn.linkingPages,
    sessions: new Map(sessions.map((session) => [session, stateOf(session)])),
  };
}

/** Puts into the result what the stand-in's server has seen since. */
export function judgeFleet(world: FleetWorld, start: FleetStart, result: FleetRoundResult): void {
  const asked = world.standIn.linkingPages - start.linkingPages;
  if (asked > 0) result.problems.push(`${asked} pages asked to be linked again`);
  for (const [session, { returns, overlaps }] of start.sessions) {
    const { id, device } = session;
    for (const hole of device.corruption)
      result.problems.push(`${id}: refused as corrupt: ${hole}`);
    if (!device.linked) result.problems.push(`${id} is not linked any more`);
    const wasStruck = result.strike?.held.includes(id) ?? false;
    if (!wasStruck && device.returns.length > returns) result.moved.push(id);
    judgeLosses(session, returns, wasStruck, result);
    judgeOverlaps(session, overlaps, wasStruck, result);
  }
}

function judgeLosses(
  { id, device, timeline }: FleetSession,
  from: number,
  wasStruck: boolean,
  { strike, losses }: FleetRoundResult,
): void {
  for (const { index, lost } of device.returns.slice(from)) {
    if (lost === 0) continue;
    const passedAt = timeline.whenPassed(index) ?? 0;
    const ms = Math.max(0, (strike?.at ?? 0) - passedAt);
    losses.push({ session: id, updates: lost, ms, wasStruck });
  }
}

/** A browser whose node process is killed closes by itself, while the next one may start already. */
function judgeOverlaps(
  { id, device }: FleetSession,
  from: number,
  wasStruck: boolean,
  result: FleetRoundResult,
): void {
  const { strike } = result;
  for (const { at, ms } of device.overlaps.slice(from)) {
    result.overlaps++;
    const since = at - (strike?.at ?? 0);
    if (wasStruck && strike?.blow === 'node' && since >= 0 && since <= HAND_OVER_MS) continue;
    result.doubleHolders.push(
      `${id}: two connections for ${ms} ms, ${since} ms after the blow (${strike?.blow})`,
    );
  }
}
