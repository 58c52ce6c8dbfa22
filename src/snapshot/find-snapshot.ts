import { HoldfastError } from '../errors.js';
import type { Head, SnapshotInfo } from './head.js';

/** @throws {HoldfastError} SNAPSHOT_NOT_FOUND */
export function findSnapshot({ session, snapshots }: Head, sequence: number): SnapshotInfo {
  const found = snapshots.find((snapshot) => snapshot.sequence === sequence);
  if (found !== undefined) return found;
  const there = snapshots.map((snapshot) => snapshot.sequence).join(', ') || 'none';
  throw new HoldfastError(
    'SNAPSHOT_NOT_FOUND',
    `The session ${session} has no snapshot ${sequence}. Snapshots kept: ${there}.`,
  );
}
