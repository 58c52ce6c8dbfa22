import { type CommonOptions, count, readCommonAnd } from '../options.js';

export interface FleetOptions extends CommonOptions {
  workers: number;
  sessions: number;
}

export const FLEET_USAGE = `npm run chaos -- --fleet [options]

  --rounds N      how many rounds (20)
  --seed S        play the decisions of another run again
  --from N        begin with this round (1), with new links
  --store URL     the store (a temporary folder), as without --fleet; what it holds of sessions
                  named RemoteAuth-fleet…, and of the fleet, stays there if the store is yours
  --workers N     how many workers there are (3)
  --sessions N    how many sessions they share (12)
  --rate N        messages a second to each session (10)
  --bytes N       the length of each (1000)
  --term MS       the lease term in milliseconds (15000)
  --trace         say what the workers log
  --json          one JSON document on standard output`;

/** Reads the command line; throws with a message for the user. */
export function readFleetOptions(commandLine: string[]): FleetOptions | 'help' {
  const args = commandLine.filter((arg) => arg !== '--fleet');
  const own = { rate: '10', term: '15000', workers: '3', sessions: '12' };
  const read = readCommonAnd(args, own);
  if (read === 'help') return read;
  const { common, others } = read;
  return {
    ...common,
    workers: count('--workers', others.workers),
    sessions: count('--sessions', others.sessions),
  };
}
