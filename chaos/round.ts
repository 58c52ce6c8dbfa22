import { setTimeout as sleep } from 'node:timers/promises';
import { judgeRound, type RoundStart } from './judge.js';
import { findLeftovers } from './leftovers.js';
import type { RoundPlan } from './plan.js';
import { newResult, type RoundResult } from './result.js';
import { checkOrphans, checkStore, removeFromStore } from './store-check.js';
import { strike } from './strike.js';
import { awaitSurvivor, type Candidate } from './survivor.js';
import type { WorkerProcess } from './worker-process.js';
import type { World } from './world.js';

const END_PATIENCE_MS = 45_000;
const FIRST_PATIENCE_MS = 120_000;

/** One round: a session in use, a blow, a restart, and what has become of the session. */
export class Round {
  readonly result: RoundResult;
  readonly #world: World;
  readonly #plan: RoundPlan;
  /** All that were started, the last one struck or not. */
  #candidates: Candidate[] = [];
  #outage: Promise<void> = Promise.resolve();

  constructor(world: World, plan: RoundPlan, number: number) {
    this.#world = world;
    this.#plan = plan;
    this.result = newResult(number, plan);
  }

  async play(): Promise<void> {
    const world = this.#world;
    const { isNew, faults, endsCleanly } = this.#plan;
    world.beginRound(this.result.round);
    const cutsBefore = world.cuts;
    if (isNew) await this.#beginSession();
    world.setStore({ faults });
    const first = await this.#first();
    const start: RoundStart = {
      at: Date.now(),
      device: world.session.device,
      returns: world.session.device?.returns.length ?? 0,
      overlaps: world.session.device?.overlaps.length ?? 0,
    };
    const starting = this.#startSecond();
    await this.#strikeAll(first);
    const second = await starting;
    if (second) this.#candidates.push({ worker: second, resumedAt: null });
    world.living = await awaitSurvivor(world, this.#candidates);
    await this.#outage;
    world.setStore({ faults: null, isAway: false });
    judgeRound(world, start, this.#candidates, this.result);
    await this.#endOthers();
    if (world.living === null) await this.#giveUp();
    else if (endsCleanly) await this.endCleanly();
    else this.result.leftovers.push(...(await findLeftovers(world)));
    world.session.removeOtherDisks();
    this.result.cuts = world.cuts - cutsBefore;
  }

  /** After an error nobody has foreseen: the next round begins with a new link. */
  async abandon(error: unknown): Promise<void> {
    const world = this.#world;
    this.result.problems.push(error instanceof Error ? String(error.stack) : String(error));
    const alive = world.workers.filter(({ hasExited }) => !hasExited);
    for (const worker of alive) worker.killAll();
    await Promise.all(alive.map(({ exited }) => exited));
    world.living = null;
    world.beginSession();
  }

  /** Ends what lives, and looks whether it leaves everything as it should. */
  async endCleanly(): Promise<void> {
    const world = this.#world;
    const { living, troubledUntil } = world;
    const isSwept = living !== null && living.startedAt > troubledUntil;
    if (living !== null && !(await living.end(END_PATIENCE_MS))) {
      this.result.problems.push(`it does not end when asked to: ${living.stderr}`);
    }
    world.living = null;
    this.result.leftovers.push(...(await findLeftovers(world)));
    const { holes, leftovers } = await checkStore(world, isSwept);
    this.result.holes.push(...holes);
    this.result.leftovers.push(...leftovers);
  }

  /** Ends the session itself. */
  async endSession(): Promise<void> {
    await this.endCleanly();
    this.result.leftovers.push(...(await checkOrphans(this.#world)));
    await removeFromStore(this.#world);
    this.#world.session.end();
  }

  async #beginSession(): Promise<void> {
    if (this.#world.session.device !== null) await this.endSession();
    this.#world.beginSession();
  }

  async #first(): Promise<WorkerProcess> {
    const world = this.#world;
    const { strikesLinking, moment } = this.#plan;
    if (world.living && !world.living.hasExited) return world.living;
    const first = world.startWorker(world.session.dataPath, strikesLinking ? moment.halt : null);
    if (strikesLinking) return first;
    const isThere = await first.until(() => first.has('ready'), FIRST_PATIENCE_MS);
    if (!isThere) this.#noteFailure('the worker was not ready before the blow', first);
    return first;
  }

  async #startSecond(): Promise<WorkerProcess | null> {
    const { secondAfterMs } = this.#plan;
    if (secondAfterMs === null) return null;
    await sleep(secondAfterMs);
    return this.#world.startWorker(this.#world.session.newDisk());
  }

  /** The blow, and the restart. */
  async #strikeAll(first: WorkerProcess): Promise<void> {
    const { blow, moment, again, strikesLinking } = this.#plan;
    await this.#strike(first, moment, blow, strikesLinking);
    this.#outage = this.#beginOutage();
    if (blow === 'cut-off' || blow === 'short-stop' || blow === 'long-stop') {
      this.#candidates.push({ worker: first, resumedAt: Date.now() });
      return;
    }
    const { secondAfterMs, restartsFirst, wipesDisk } = this.#plan;
    if (secondAfterMs !== null && !restartsFirst) return;
    const { session } = this.#world;
    if (wipesDisk) session.dataPath = session.newDisk();
    let restarted = this.#world.startWorker(session.dataPath, again?.moment.halt ?? null);
    if (again) {
      await this.#strike(restarted, again.moment, again.blow, true);
      restarted = this.#world.startWorker(session.dataPath);
    }
    this.#candidates.push({ worker: restarted, resumedAt: null });
  }

  async #strike(
    worker: WorkerProcess,
    moment: RoundPlan['moment'],
    blow: RoundPlan['blow'],
    isArmed: boolean,
  ): Promise<void> {
    const { leaseTermMs } = this.#world.options;
    const { problem, ...fallen } = await strike(worker, moment, blow, leaseTermMs, isArmed);
    this.#world.troubledUntil = Date.now();
    this.result.strikes.push(fallen);
    if (problem !== null) this.#noteFailure(problem, worker);
  }

  async #beginOutage(): Promise<void> {
    const { outageMs } = this.#plan;
    if (outageMs === null) return;
    this.#world.setStore({ isAway: true });
    await sleep(outageMs);
    this.#world.setStore({ isAway: false });
  }

  /**
   * Those that wait for the session end when asked to, also one that was stopped before it had it; one
   * that has lost it ends by itself.
   */
  async #endOthers(): Promise<void> {
    const { living } = this.#world;
    for (const { worker, resumedAt } of this.#candidates) {
      if (worker === living) continue;
      const isWaiting = () => worker.of('lease-waiting').some(({ at }) => at >= (resumedAt ?? 0));
      const mustEnd = resumedAt !== null && living !== null;
      if (mustEnd) await worker.until(() => worker.hasExited || isWaiting(), END_PATIENCE_MS);
      const mayWait = !mustEnd || isWaiting();
      const hasEnded = mayWait ? await worker.end(END_PATIENCE_MS) : worker.hasExited;
      if (!hasEnded && !worker.hasExited) worker.killAll();
      await worker.exited;
      if (!hasEnded) this.#noteFailure('one that does not hold the session does not end', worker);
    }
    if (living !== null) this.#world.session.dataPath = living.settings.dataPath;
  }

  /** The next round begins with a new link. */
  async #giveUp(): Promise<void> {
    for (const { worker } of this.#candidates) {
      this.result.problems.push(`${worker.pid}: ${JSON.stringify(worker.events)} ${worker.stderr}`);
    }
    await removeFromStore(this.#world).catch(() => undefined);
    this.#world.beginSession();
  }

  #noteFailure(what: string, worker: WorkerProcess): void {
    this.result.problems.push(
      `${what}: ${JSON.stringify(worker.events.slice(-12))} ${worker.stderr}`,
    );
  }
}
