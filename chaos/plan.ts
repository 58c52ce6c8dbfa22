import type { Random } from './random.js';
import type { Halt, RequestKind, StoreFaults } from './worker/messages.js';

/**
 * What is struck:
 * - `node`, `browser`, `both`: by kill -9;
 * - `short-stop`, `long-stop`: node by SIGSTOP, and SIGCONT within half the lease term, or long
 *   after it;
 * - `cut-off`: the store is away for this worker alone, longer than the lease term, while a second
 *   one waits.
 */
export type Blow = 'node' | 'browser' | 'both' | 'short-stop' | 'long-stop' | 'cut-off';

/** When: at a request, or when that does not come or null is given, after some time. */
export interface Moment {
  afterMs: number;
  halt: Halt | null;
}

export interface RoundPlan {
  /** Begins with a new link. */
  isNew: boolean;
  /** The blow may fall while it is being linked. */
  strikesLinking: boolean;
  moment: Moment;
  blow: Blow;
  wipesDisk: boolean;
  /** A second worker with a disk of its own: so long after the round's beginning. */
  secondAfterMs: number | null;
  /** With a second worker: whether the one that was struck is started again. */
  restartsFirst: boolean;
  /** Falls on the start after the first blow. */
  again: { moment: Moment; blow: 'node' | 'both' } | null;
  faults: StoreFaults | null;
  /** The store is away for everybody, from the blow on. */
  outageMs: number | null;
  /** Whether the survivor is ended properly, or goes on into the next round. */
  endsCleanly: boolean;
}

const AT_REQUESTS = {
  running: { put: 4, 'swap-head': 4, delete: 3, 'swap-worker': 1 },
  linking: { put: 3, 'swap-head': 3, 'swap-key': 1, 'swap-worker': 1, list: 1 },
  starting: {
    get: 4,
    'swap-head': 3,
    delete: 2,
    'swap-worker': 2,
    'read-cell': 1,
    put: 2,
    list: 1,
  },
} as const satisfies Record<string, Partial<Record<RequestKind, number>>>;

export function planRound(random: Random, isFirst: boolean): RoundPlan {
  // Every choice is drawn, whether it is of use or not: so none depends on what came of another.
  const isNew = random.chance(0.15) || isFirst;
  const strikesLinking = random.chance(0.6);
  const linking = momentOf(random, AT_REQUESTS.linking, 4000, 2);
  const running = momentOf(random, AT_REQUESTS.running, 3000, 2);
  const blow = random.pick<Blow>({
    node: 30,
    browser: 15,
    both: 30,
    'short-stop': 8,
    'long-stop': 14,
    'cut-off': 8,
  });
  const wipesDisk = random.chance(0.5);
  const hasSecond = random.chance(0.3);
  const secondAfterMs = random.between(0, 2500);
  const restartsFirst = random.chance(0.6);
  const hasAgain = random.chance(0.3);
  const again = {
    moment: momentOf(random, AT_REQUESTS.starting, 3000, 4),
    blow: random.pick<'node' | 'both'>({ node: 1, both: 1 }),
  };
  const isFlaky = random.chance(0.25);
  const faults = { failing: random.next() * 0.08, slow: random.next() * 0.5 };
  const hasOutage = random.chance(0.12);
  const outageMs = random.between(500, 6000);
  const endsCleanly = random.chance(0.35);
  return {
    isNew,
    strikesLinking: isNew && strikesLinking,
    moment: isNew && strikesLinking ? linking : running,
    blow,
    wipesDisk,
    secondAfterMs: hasSecond || blow === 'cut-off' ? secondAfterMs : null,
    restartsFirst,
    again: hasAgain ? again : null,
    faults: isFlaky ? faults : null,
    outageMs: hasOutage ? outageMs : null,
    endsCleanly,
  };
}

/** Whether the store answers everybody all the time. */
export function isSound({ blow, faults, outageMs }: RoundPlan): boolean {
  return blow !== 'cut-off' && faults === null && outageMs === null;
}

function momentOf<K extends RequestKind>(
  random: Random,
  kinds: Readonly<Record<K, number>>,
  mostMs: number,
  mostRequests: number,
): Moment {
  const afterMs = random.between(0, mostMs);
  const isAtRequest = random.chance(0.6);
  const halt: Halt = {
    kind: random.pick(kinds),
    nth: random.between(1, mostRequests),
    when: random.chance(0.5) ? 'before' : 'after',
  };
  return { afterMs, halt: isAtRequest ? halt : null };
}
