import { setTimeout as sleep } from 'node:timers/promises';
import { type FleetStart, judgeFleet, startOf } from './fleet-judge.js';
import { findFleetLeftovers } from './fleet-leftovers.js';
import type { FleetWorld } from './fleet-world.js';
import type { FleetPlan } from './plan.js';
import { activePids, awaitRecovery } from './recovery.js';
import { type FleetRoundResult, MOST_AWAY_MS, newFleetResult } from './result.js';
import type { ServeProcess } from './serve-process.js';

const END_PATIENCE_MS = 60_000;
/** Longer than it may take: to see how late it was. */
const EXTRA_MS = 60_000;

/** One round: a fleet in use, a worker that is struck, another in its place, and what has become of it. */
export class FleetRound {
  readonly result: FleetRoundResult;
  readonly #world: FleetWorld;
  readonly #plan: FleetPlan;

  constructor(world: FleetWorld, plan: FleetPlan, number: number) {
    this.#world = world;
    this.#plan = plan;
    this.result = newFleetResult(number, plan);
  }

  async play(): Promise<void> {
    const world = this.#world;
    const cutsBefore = world.cuts;
    await this.#recover(null);
    await sleep(this.#plan.afterMs);
    const { victim, held } = await this.#chooseVictim();
    const start = startOf(world);
    const strike = { at: Date.now(), blow: this.#plan.blow, pid: victim.pid, held };
    this.result.strike = strike;
    const [away] = await Promise.all([
      this.#recover({ at: strike.at, sessions: held }),
      this.#strike(victim),
      this.#replace(victim),
    ]);
    for (const [session, ms] of away) this.result.awayMs[session] = ms;
    if (this.#plan.blow === 'pause') await this.#endPaused(victim);
    this.#judge(start);
    this.result.leftovers.push(...(await findFleetLeftovers(world)));
    world.removeUnusedDisks();
    this.result.cuts = world.cuts - cutsBefore;
  }

  /** One that holds sessions, if there is one, and which they are. */
  async #chooseVictim(): Promise<{ victim: ServeProcess; held: string[] }> {
    const world = this.#world;
    const [views, pids] = await Promise.all([world.api.sessions(), activePids(world)]);
    const heldBy = ({ pid }: ServeProcess) =>
      views.filter(({ worker }) => pids.get(worker?.id ?? '') === pid).map(({ id }) => id);
    const holders = world.active.filter((worker) => heldBy(worker).length > 0);
    const victim = holders[Math.floor(this.#plan.victim * holders.length)];
    if (victim === undefined) throw new Error('no worker holds a session');
    return { victim, held: heldBy(victim) };
  }

  async #strike(victim: ServeProcess): Promise<void> {
    const { blow, pauseTerms } = this.#plan;
    if (blow === 'pause') {
      victim.pause();
      await sleep(pauseTerms * this.#world.options.leaseTermMs);
      victim.goOn();
    } else if (blow === 'both') {
      victim.killAll();
      await victim.exited;
    } else {
      await victim.killNode();
    }
  }

  async #replace(victim: ServeProcess): Promise<void> {
    const { blow, replacedAfterMs, wipesDisk } = this.#plan;
    await sleep(replacedAfterMs);
    // The one that is paused has its disk still.
    const isKept = blow !== 'pause' && !wipesDisk;
    const disk = isKept ? victim.settings.disk : this.#world.newDisk();
    await this.#world.untilReady(await this.#world.startWorker(disk));
  }

  /** It may live on, as any worker may; but another one is in its place already. */
  async #endPaused(victim: ServeProcess): Promise<void> {
    this.result.endMs = await victim.end(END_PATIENCE_MS);
    if (victim.exitCode !== 0) {
      this.result.problems.push(
        `the worker that was paused ended with ${victim.exitCode}: ${victim.output.slice(-1500)}`,
      );
    }
    for (const [session, ms] of await this.#recover(null)) {
      this.result.awayMs[session] = Math.max(this.result.awayMs[session] ?? 0, ms);
    }
  }

  async #recover(
    struck: { at: number; sessions: readonly string[] } | null,
  ): Promise<Map<string, number>> {
    const world = this.#world;
    const patienceMs = world.options.leaseTermMs + MOST_AWAY_MS + EXTRA_MS;
    const { awayMs, missing } = await awaitRecovery(world, struck, patienceMs);
    if (missing.length > 0) {
      const said = world.active.map(({ pid, output }) => `\n${pid}: ${output.slice(-3000)}`);
      throw new Error(`${missing.join('; ')}${said.join('')}`);
    }
    return awayMs;
  }

  #judge(start: FleetStart): void {
    judgeFleet(this.#world, start, this.result);
  }
}
