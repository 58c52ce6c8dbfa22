import { parseArgs } from 'node:util';

/** Of every kind of run. */
export interface CommonOptions {
  rounds: number;
  /** The first round, to play the rest of a run without what was before. */
  from: number;
  seed: string;
  /** Null: a folder that is made for the run and goes with it. */
  store: string | null;
  json: boolean;
  /** Says what the workers tell. */
  trace: boolean;
  /** Messages a second to each session, and the length of each. */
  rate: number;
  bytes: number;
  leaseTermMs: number;
}

export interface Options extends CommonOptions {
  intervalMs: number;
}

const COMMON = {
  rounds: { type: 'string', default: '20' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  store: { type: 'string' },
  bytes: { type: 'string', default: '1000' },
  json: { type: 'boolean', default: false },
  trace: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const USAGE = `npm run chaos -- [options]

  --rounds N      how many rounds (20)
  --seed S        play the decisions of another run again
  --from N        begin with this round (1), with a new link
  --store URL     the store (a temporary folder), such as file:/mnt/sessions; what it holds of
                  sessions named RemoteAuth-chaos… is removed at the end. With mongo, s3,
                  postgres or redis a server is started, and connections to it are cut at random
  --rate N        messages a second (30)
  --bytes N       the length of each (1000)
  --term MS       the lease term in milliseconds (4000)
  --interval MS   backupSyncIntervalMs (1000)
  --trace         say what the workers tell
  --json          one JSON document on standard output
  --fleet         strike at workers of \`holdfast serve\` instead; --fleet --help says how`;

/** Reads the command line; throws with a message for the user. */
export function readOptions(commandLine: string[]): Options | 'help' {
  const read = readCommonAnd(commandLine, { rate: '30', term: '4000', interval: '1000' });
  if (read === 'help') return read;
  const { common, others } = read;
  return { ...common, intervalMs: count('--interval', others.interval, 100) };
}

/**
 * Reads the options of every kind of run, and those of one kind.
 *
 * @param own names and defaults of the latter; `rate` and `term` are among the former
 */
export function readCommonAnd<Own extends { rate: string; term: string }>(
  commandLine: string[],
  own: Own,
): { common: CommonOptions; others: Own } | 'help' {
  const ownOptions = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, { type: 'string', default: value } as const]),
  );
  const { values } = parseArgs({ args: commandLine, options: { ...ownOptions, ...COMMON } });
  if (values.help) return 'help';
  const others = values as unknown as Own;
  const common = {
    rounds: count('--rounds', values.rounds),
    from: count('--from', values.from),
    seed: values.seed ?? String(Date.now() % 1_000_000),
    store: values.store ?? null,
    json: values.json,
    trace: values.trace,
    rate: count('--rate', others.rate),
    bytes: count('--bytes', values.bytes),
    leaseTermMs: count('--term', others.term, 3000),
  };
  return { common, others };
}

/** @throws Error unless the text is a whole number of at least `least` */
export function count(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least) return number;
  throw new Error(`${option} takes a whole number of at least ${least}, not "${text}".`);
}
