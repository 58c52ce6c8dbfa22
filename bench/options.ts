import { parseArgs } from 'node:util';

export const CASES = [
  'saves',
  'stores',
  'many-saves',
  'starts',
  'durable',
  'load',
  'sessions',
  's3-requests',
  'metrics',
] as const;
export type CaseName = (typeof CASES)[number];

export interface Options {
  /** Sizes of the profiles' IndexedDB in megabytes (1 MB = 1,000,000 bytes). */
  sizes: number[];
  /** Those of the case `stores`, in which every save of some peers goes to a server as a whole. */
  storeSizes: number[];
  cases: CaseName[];
  /** Where the results go as JSON, beside the tables on the terminal. */
  json: string | undefined;
  /** How often each profile is saved from the start; medians are over all of them. */
  runs: number;
  /** Messages, each followed by a save, in each run. */
  messages: number;
  /** Saves before the restore of the case `many-saves`, and how many of them restic makes too. */
  manySaves: number;
  manyResticSaves: number;
  /** Seconds of traffic at each rate, once without and once with saving. */
  loadSeconds: number;
  /** Sessions of each library in the case `sessions`, and the seconds of each measurement. */
  sessions: number;
  sessionSeconds: number;
}

const SIZES = [13, 105, 513];
const STORE_SIZES = [13, 105];
const DEFAULTS = {
  runs: 3,
  messages: 2,
  manySaves: 1000,
  manyResticSaves: 100,
  loadSeconds: 120,
  sessions: 4,
  sessionSeconds: 120,
};
const QUICK = {
  runs: 1,
  messages: 1,
  manySaves: 20,
  manyResticSaves: 2,
  loadSeconds: 5,
  sessions: 1,
  sessionSeconds: 5,
};

export const USAGE = `npm run bench -- [options]

  --sizes 13,105,513     megabytes of IndexedDB in the profiles; "stores" leaves 513 out by itself
  --only NAME            only this case (repeatable): ${CASES.join(', ')}
  --runs N               runs of the cases "saves", "stores", "starts" and "durable" (${DEFAULTS.runs})
  --many-saves N         saves before the restore in "many-saves" (${DEFAULTS.manySaves})
  --load-seconds N       seconds of traffic at each rate, without and with saving (${DEFAULTS.loadSeconds})
  --sessions N           linked sessions of each library in "sessions" (${DEFAULTS.sessions})
  --json FILE            write everything measured to this file as well
  --quick                one run of everything, short: to see that it works, not to quote`;

/** Reads the command line; throws with a message for the user. */
export function readOptions(commandLine: string[]): Options | 'help' {
  const { values } = parseArgs({
    args: commandLine,
    options: {
      sizes: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      runs: { type: 'string' },
      'many-saves': { type: 'string' },
      'load-seconds': { type: 'string' },
      sessions: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const usual = values.quick ? QUICK : DEFAULTS;
  const manySaves = number('--many-saves', values['many-saves']) ?? usual.manySaves;
  return {
    sizes: sizesIn(values.sizes) ?? SIZES,
    storeSizes: sizesIn(values.sizes) ?? STORE_SIZES,
    cases: values.only.length === 0 ? [...CASES] : values.only.map(caseOf),
    json: values.json,
    runs: number('--runs', values.runs) ?? usual.runs,
    messages: usual.messages,
    manySaves,
    manyResticSaves: Math.min(manySaves, usual.manyResticSaves),
    loadSeconds: number('--load-seconds', values['load-seconds']) ?? usual.loadSeconds,
    sessions: number('--sessions', values.sessions) ?? usual.sessions,
    sessionSeconds: usual.sessionSeconds,
  };
}

/** The size for what is measured with one size only. */
export function middleSize({ sizes }: Options): number {
  const sorted = [...sizes].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function sizesIn(text: string | undefined): number[] | undefined {
  return text?.split(',').map((size) => number('--sizes', size) ?? 0);
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} takes whole numbers, not "${text}".`);
  return Number(text);
}

function caseOf(name: string): CaseName {
  const found = CASES.find((each) => each === name);
  if (found === undefined) throw new Error(`--only takes ${CASES.join(', ')}, not "${name}".`);
  return found;
}
