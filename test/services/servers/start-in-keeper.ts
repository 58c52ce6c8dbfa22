import type { Keeper } from '../keeper/keeper.js';
import type { Keepers } from '../keeper/keepers.js';
import type { ServerUser } from '../keeper/server-user.js';
import { StartFailed } from './until-ready.js';

const attempts = 3;

/**
 * Starts a server in a keeper of its own, which is ended when that fails. Another process may take a
 * port that was free a moment ago: then `start` is called again, and has to choose another.
 */
export async function startInKeeper<S>(
  keepers: Keepers,
  name: string,
  user: ServerUser | undefined,
  start: (keeper: Keeper) => Promise<S>,
): Promise<S> {
  for (let attempt = 1; ; attempt++) {
    const keeper = await keepers.startTemporary(name, user);
    try {
      const service = await start(keeper);
      keeper.unref();
      return service;
    } catch (error) {
      await keepers.end(keeper);
      if (!(error instanceof StartFailed && error.isPortTaken) || attempt === attempts) throw error;
    }
  }
}
