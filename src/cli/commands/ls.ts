import type { Command } from 'commander';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { findHolder } from '../../snapshot/lease/find-holder.js';
import type { LeaseHolder } from '../../snapshot/lease/lease-held-error.js';
import { type ListedSession, listSessions } from '../../snapshot/list-sessions.js';
import { formatBytes, formatTable, formatTime } from '../format.js';
import { type Answer, answerWith, type EngineFlags, engineOptions } from './engine-command.js';

interface HeldSession extends ListedSession {
  holder: LeaseHolder | null;
}

export function addLs(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program.command('ls').description('List the sessions in a store.');
  engineOptions(command, { needsSession: false, needsKey: false }).action(
    async (flags: EngineFlags) => onEnd(await answerWith(flags, ({ store }) => list(store))),
  );
}

async function list(store: ObjectStore): Promise<Answer> {
  const listed = await listSessions(store, { alsoWithoutHead: true });
  const sessions = (await withHolders(store, listed)).filter(isOfInterest);
  return {
    text: sessions.length === 0 ? 'There is no session in it.' : table(sessions),
    json: sessions.map(toJson),
  };
}

/** One worker may hold hundreds of sessions, and is looked at once. */
async function withHolders(store: ObjectStore, sessions: ListedSession[]): Promise<HeldSession[]> {
  const holders = new Map<string, Promise<LeaseHolder | null>>();
  return Promise.all(
    sessions.map(async (listed) => {
      const owner = listed.head?.owner ?? null;
      if (owner === null) return { ...listed, holder: null };
      const finding = holders.get(owner) ?? findHolder(store, owner);
      holders.set(owner, finding);
      try {
        return { ...listed, holder: await finding };
      } catch (error) {
        if (!isAboutTheWorker(error)) throw error;
        return { ...listed, holder: null, problem: error };
      }
    }),
  );
}

function isAboutTheWorker(error: unknown): error is HoldfastError {
  return (
    error instanceof HoldfastError && ['LEASE_DAMAGED', 'FORMAT_UNSUPPORTED'].includes(error.code)
  );
}

/** A start that came to nothing leaves a head in which nothing was ever saved. */
function isOfInterest({ head, holder, problem }: HeldSession): boolean {
  return head === null || head.snapshots.length > 0 || holder !== null || problem !== null;
}

function table(sessions: HeldSession[]): string {
  return formatTable([
    ['SESSION', 'STATE', 'SEALED', 'SNAPSHOTS', 'SIZE', 'LAST SAVE', 'HELD BY'],
    ...sessions.map(({ session, head, holder, problem }) => {
      if (head === null) return [session, problem?.code ?? '?', '', '', '', '', ''];
      const last = head.snapshots.at(-1);
      return [
        session,
        head.state,
        head.isSealed ? 'yes' : 'no',
        String(head.snapshots.length),
        last ? formatBytes(last.size) : '-',
        last ? formatTime(last.savedAt) : 'never',
        problem?.code ?? (holder ? `process ${holder.pid} on ${holder.host}` : 'nobody'),
      ];
    }),
  ]);
}

function toJson({ session, head, holder, problem }: HeldSession): unknown {
  const problemJson = problem && { code: problem.code, message: problem.message };
  if (head === null) return { session, problem: problemJson };
  const last = head.snapshots.at(-1);
  return {
    session,
    state: head.state,
    sealed: head.isSealed,
    generation: head.generation,
    sequence: head.sequence,
    snapshots: head.snapshots.length,
    size: last?.size ?? 0,
    savedAt: last?.savedAt ?? null,
    holder,
    ...(problemJson && { problem: problemJson }),
  };
}
