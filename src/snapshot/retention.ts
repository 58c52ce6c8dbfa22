import { checkOptions } from '../check-options.js';
import { ENOUGH_FOR_A_PACK } from './format.js';
import type { SnapshotInfo } from './head.js';
import {
  type BlobRef,
  chunksOf,
  type Manifest,
  type ManifestBase,
  type StoredManifest,
  sizeOf,
} from './manifest.js';

/** How much of a session's past is kept. */
export interface Retention {
  /** At most so many snapshots. Default: 10. */
  snapshots?: number | undefined;
  /**
   * What the store may hold for the session, as a multiple of the profile's size. Older snapshots
   * go when it is exceeded. Default: 2, or what the store says. Small sessions may always take {@link LEAST_BUDGET_BYTES}.
   */
  budget?: number | undefined;
}

export const DEFAULT_RETENTION = { snapshots: 10, budget: 2 };
export const LEAST_BUDGET_BYTES = 4 * 1024 * 1024;

/** The head that lists them is a cell, and small. */
const MOST_SNAPSHOTS = 100;

/** @throws {HoldfastError} INVALID_OPTION */
export function checkRetention(retention: Retention | undefined): void {
  checkOptions('retention.', retention ?? {}, {
    snapshots: [
      (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_SNAPSHOTS,
      `a whole number from 1 to ${MOST_SNAPSHOTS}`,
    ],
    budget: [
      (value) => typeof value === 'number' && value >= 1 && Number.isFinite(value),
      'a number of at least 1: how many times the profile the store may hold',
    ],
  });
}

/** The newest are always kept, for a snapshot that does not open. */
const ALWAYS_KEPT = 3;
/** Kept even above the budget: the newest, and the one before. */
const KEPT_ABOVE_BUDGET = 2;

/** A snapshot that is listed in the head, with its manifest. */
export interface KeptSnapshot {
  info: SnapshotInfo;
  stored: StoredManifest;
}

/** Everything that opening a snapshot reads. */
export function* refsOf({ ref, base, manifest }: StoredManifest): Generator<BlobRef> {
  yield ref;
  if (base) yield base.ref;
  yield* chunksOf(manifest);
}

/** Every pack that opening the snapshot reads. */
export function packsOf({ stored }: KeptSnapshot): Set<string> {
  const packs = new Set<string>();
  for (const { pack } of refsOf(stored)) packs.add(pack);
  return packs;
}

export function packsOfAll(snapshots: readonly KeptSnapshot[]): Set<string> {
  const packs = new Set<string>();
  for (const snapshot of snapshots) for (const pack of packsOf(snapshot)) packs.add(pack);
  return packs;
}

/** What nothing refers to any more may be such a part of the budget, on top of it. */
const GARBAGE_SHARE = 20;

/** The packs that hold what is kept, and their sizes. */
export interface KeptPast {
  snapshots: readonly KeptSnapshot[];
  /** The manifest in full that the next may be based on. */
  base: ManifestBase | null;
  /** Undefined for a pack that is being written. */
  sizeOf(pack: string): number | undefined;
}

export interface RetentionPlan {
  /** The older snapshots that stay. */
  past: KeptSnapshot[];
  /** Chunks that are to be written once more. */
  moves: BlobRef[];
  /** Whether the new manifest is to be one in full, so that the base's pack can go. */
  renewsBase: boolean;
  /** How many bytes of packs without use may stay. */
  allowedGarbage: number;
}

/**
 * What becomes of the past when a new snapshot comes.
 *
 * @param sentBytes what the new one sends
 * @param isNewLink none of the older ones is of any use any more
 */
export function planRetention(
  manifest: Manifest,
  kept: KeptPast,
  sentBytes: number,
  retention: typeof DEFAULT_RETENTION,
  isNewLink = false,
): RetentionPlan {
  const needed = new Set([...chunksOf(manifest)].map(({ pack }) => pack));
  const storedBytes = (snapshots: readonly KeptSnapshot[]) => {
    let sum = sentBytes;
    for (const pack of new Set([...packsOfAll(snapshots), ...needed]))
      sum += kept.sizeOf(pack) ?? 0;
    return sum;
  };
  const budget = Math.max(LEAST_BUDGET_BYTES, sizeOf(manifest) * retention.budget);
  const now = Date.parse(manifest.savedAt);
  const useful = isNewLink ? [] : kept.snapshots;
  const past = choosePast(useful, budget, retention.snapshots, now, storedBytes);
  const isOverBudget = storedBytes(past) > budget;
  const rewritten = choosePacks(aliveByPack(manifest, kept), isOverBudget, sentBytes);
  return {
    past,
    moves: rewritten.flatMap(({ chunks }) => chunks),
    renewsBase: rewritten.some(({ name }) => name === kept.base?.ref.pack),
    allowedGarbage: budget / GARBAGE_SHARE,
  };
}

/**
 * Which of the older snapshots stay when a new one comes, oldest first: some of the last seconds,
 * fewer of the last minutes, hours, days.
 *
 * @param storedBytes what the store holds for these snapshots and the new one
 */
function choosePast(
  past: readonly KeptSnapshot[],
  budgetBytes: number,
  most: number,
  now: number,
  storedBytes: (snapshots: readonly KeptSnapshot[]) => number,
): KeptSnapshot[] {
  const kept = [...past];
  while (kept.length + 1 > most && kept.length > 0) kept.splice(mostDispensable(kept, now), 1);
  while (kept.length + 1 > KEPT_ABOVE_BUDGET && storedBytes(kept) > budgetBytes) kept.shift();
  return kept;
}

/** The one whose neighbours are closest to each other, for its age. */
function mostDispensable(kept: readonly KeptSnapshot[], now: number): number {
  const times = kept.map(({ info }) => Date.parse(info.savedAt));
  let choice = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 1; at < kept.length - (ALWAYS_KEPT - 1); at++) {
    const [before = 0, time = 0, after = 0] = times.slice(at - 1, at + 2);
    const gap = (after - before) / Math.max(1, now - time);
    if (gap < least) [choice, least] = [at, gap];
  }
  return choice;
}

/** A pack that is less alive than this is worth rewriting when room is needed. */
const SPARSE = 0.5;
/** What one save may rewrite beside what it sends anyway. */
const LEAST_MOVE_BYTES = 1024 * 1024;
const MOST_MERGED_BYTES = 4 * 1024 * 1024;
const MERGED_AT_ONCE = 8;

/**
 * From which packs everything that the new snapshot needs is to be written once more, so that they
 * can go: the sparsest when the budget is exceeded, the smallest when there are too many.
 */
function choosePacks(alive: AlivePack[], isOverBudget: boolean, sentBytes: number): AlivePack[] {
  const bytesIn = (pack: AlivePack) => pack.bytes;
  if (isOverBudget) {
    const sparse = alive
      .filter(({ bytes, size }) => bytes < size * SPARSE)
      .sort((a, b) => a.bytes / a.size - b.bytes / b.size);
    const chosen = takeUpTo(sparse, Math.max(LEAST_MOVE_BYTES, 2 * sentBytes), bytesIn);
    if (chosen.length > 0) return chosen;
  }
  const bytes = alive.reduce((sum, pack) => sum + pack.bytes, 0);
  if (alive.length <= mostPacks(bytes)) return [];
  const smallest = alive.sort((a, b) => a.bytes - b.bytes).slice(0, MERGED_AT_ONCE);
  const merged = takeUpTo(smallest, MOST_MERGED_BYTES, bytesIn);
  return merged.length < 2 ? [] : merged;
}

/** More packs than this would make a restore slow. */
export function mostPacks(bytes: number): number {
  return 32 + 2 * Math.ceil(bytes / ENOUGH_FOR_A_PACK);
}

interface AlivePack {
  name: string;
  size: number;
  /** Of what is needed, the base among it. */
  bytes: number;
  chunks: BlobRef[];
}

function aliveByPack(manifest: Manifest, kept: KeptPast): AlivePack[] {
  const packs = new Map<string, AlivePack>();
  const add = (ref: BlobRef): AlivePack | undefined => {
    const size = kept.sizeOf(ref.pack);
    // It is being written by this very save.
    if (size === undefined) return undefined;
    const pack = packs.get(ref.pack) ?? { name: ref.pack, size, bytes: 0, chunks: [] };
    packs.set(ref.pack, pack);
    pack.bytes += ref.stored;
    return pack;
  };
  const seen = new Set<string>();
  for (const ref of chunksOf(manifest)) {
    if (seen.has(ref.id)) continue;
    seen.add(ref.id);
    add(ref)?.chunks.push(ref);
  }
  if (kept.base) add(kept.base.ref);
  return [...packs.values()];
}

function takeUpTo<T>(items: readonly T[], limit: number, sizeOf: (item: T) => number): T[] {
  const taken: T[] = [];
  let sum = 0;
  for (const item of items) {
    sum += sizeOf(item);
    if (sum > limit) break;
    taken.push(item);
  }
  return taken;
}
