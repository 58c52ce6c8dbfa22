import { parseArgs } from 'node:util';
import { count } from '../options.js';

export interface FleetOptions {
  rounds: number;
  from: number;
  seed: string;
  /** Null: a folder that is made for the run and goes with it. */
  store: string | null;
  json: boolean;
  /** Says what the workers log. */
  trace: boolean;
  workers: number;
  sessions: number;
  /** Messages a second to each session, and the length of each. */
  rate: number;
  bytes: number;
  leaseTermMs: number;
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
  const { values } = parseArgs({
    args: commandLine,
    options: {
      fleet: { type: 'boolean' },
      rounds: { type: 'string', default: '20' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      store: { type: 'string' },
      workers: { type: 'string', default: '3' },
      sessions: { type: 'string', default: '12' },
      rate: { type: 'string', default: '10' },
      bytes: { type: 'string', default: '1000' },
      term: { type: 'string', default: '15000' },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    rounds: count('--rounds', values.rounds),
    from: count('--from', values.from),
    seed: values.seed ?? String(Date.now() % 1_000_000),
    store: values.store ?? null,
    json: values.json,
    trace: values.trace,
    workers: count('--workers', values.workers),
    sessions: count('--sessions', values.sessions),
    rate: count('--rate', values.rate),
    bytes: count('--bytes', values.bytes),
    leaseTermMs: count('--term', values.term, 3000),
  };
}
