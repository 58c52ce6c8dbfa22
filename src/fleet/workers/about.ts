import type { WorkerView } from '../session-view.js';

/** What a worker of a fleet tells the others in its cell. */
export interface About extends Omit<WorkerView, 'id' | 'host' | 'pid'> {
  /** It hands its sessions over, and takes none. */
  isStopping: boolean;
  /** Another one after each change that it has made to the roster. */
  rosterMark: string;
}

/** A cell holds 64 KiB, in which there are also the worker's browsers. */
export const MAX_ABOUT_BYTES = 40 * 1024;

export function encodeAbout({ isStopping, rosterMark, ...others }: About): string {
  return JSON.stringify({ ...others, stopping: isStopping, roster: rosterMark });
}

/** Null for a worker that is of no fleet. */
export function decodeAbout(about: string | null): About | null {
  try {
    const parsed = JSON.parse(about ?? 'null') as Record<string, unknown> | null;
    const { address, capacity, startedAt, version, sessions, stopping, roster } = parsed ?? {};
    if (
      typeof address !== 'string' ||
      typeof capacity !== 'number' ||
      !(capacity >= 0) ||
      !Array.isArray(sessions) ||
      !sessions.every((id) => typeof id === 'string')
    ) {
      return null;
    }
    return {
      address,
      capacity,
      startedAt: String(startedAt),
      version: String(version),
      sessions,
      isStopping: stopping === true,
      rosterMark: String(roster),
    };
  } catch {
    return null;
  }
}
