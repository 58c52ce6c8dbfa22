import type { Command } from 'commander';
import { type ListedSession, listSessions } from '../../snapshot/list-sessions.js';
import { formatBytes, formatTable, formatTime } from '../format.js';
import { type Answer, answerWith, type EngineFlags, engineOptions } from './engine-command.js';

export function addLs(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program.command('ls').description('List the sessions in a store.');
  engineOptions(command, { needsSession: false, needsKey: false }).action(
    async (flags: EngineFlags) => onEnd(await answerWith(flags, ({ store }) => list(store))),
  );
}

async function list(store: Parameters<typeof listSessions>[0]): Promise<Answer> {
  const sessions = await listSessions(store, { alsoWithoutHead: true });
  return {
    text: sessions.length === 0 ? 'There is no session in it.' : table(sessions),
    json: sessions.map(toJson),
  };
}

function table(sessions: ListedSession[]): string {
  return formatTable([
    ['SESSION', 'STATE', 'SEALED', 'SNAPSHOTS', 'SIZE', 'LAST SAVE'],
    ...sessions.map(({ session, head, problem }) => {
      if (head === null) return [session, problem?.code ?? '?', '', '', '', ''];
      const last = head.snapshots.at(-1);
      return [
        session,
        head.state,
        head.isSealed ? 'yes' : 'no',
        String(head.snapshots.length),
        last ? formatBytes(last.size) : '-',
        last ? formatTime(last.savedAt) : 'never',
      ];
    }),
  ]);
}

function toJson({ session, head, problem }: ListedSession): unknown {
  if (head === null)
    return { session, problem: { code: problem?.code, message: problem?.message } };
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
  };
}
