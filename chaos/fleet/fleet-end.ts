import { checkFleetStore, findFleetLeftovers } from './fleet-leftovers.js';
import type { FleetWorld } from './fleet-world.js';

/** What a platform gives a process from SIGTERM to SIGKILL: Heroku's 30 s are the least. */
const MOST_END_MS = 30_000;
const PATIENCE_MS = 90_000;

/** What has come of the end of all workers. */
export interface FleetEnd {
  /** Of each worker, from SIGTERM to its end. */
  endMs: number[];
  leftovers: string[];
  problems: string[];
}

/** Ends all workers at once, and looks whether they leave everything as they should. */
export async function endFleet(world: FleetWorld): Promise<FleetEnd> {
  const end: FleetEnd = { endMs: [], leftovers: [], problems: [] };
  await Promise.all(
    world.active.map(async (worker) => {
      const ms = await worker.end(PATIENCE_MS);
      if (ms !== null) end.endMs.push(ms);
      if (ms !== null && ms <= MOST_END_MS && worker.exitCode === 0) return;
      end.problems.push(
        `a worker ended after ${ms} ms with ${worker.exitCode}: ${worker.output.slice(-1500)}`,
      );
    }),
  );
  end.leftovers.push(...(await findFleetLeftovers(world)), ...(await checkFleetStore(world)));
  for (const session of world.sessions) session.end();
  await world.standIn.close();
  return end;
}
