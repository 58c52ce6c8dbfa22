import type { Command } from 'commander';
import { checkSession } from '../../snapshot/check-session.js';
import { EXIT } from '../exit-codes.js';
import { formatBytes, formatCount, formatTime } from '../format.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

interface CheckFlags extends EngineFlags {
  deep?: true;
}

export function addCheck(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('check')
    .description('Check that the snapshots of a session are whole.')
    .option('--deep', 'also read and open everything, and check every database in it');
  engineOptions(command, { needsSession: true, needsKey: true }).action(async (flags: CheckFlags) =>
    onEnd(await answerWith(flags, (context) => check(context, flags.deep === true))),
  );
}

async function check({ location, progress }: EngineContext, deep: boolean): Promise<Answer> {
  const result = await checkSession({
    ...location,
    deep,
    onProgress: (state) => progress.update('Checking', state),
  });
  const snapshots = result.snapshots.map(({ problem, ...snapshot }) => ({
    ...snapshot,
    problem: problem && { code: problem.code, message: problem.message },
  }));
  const bad = snapshots.filter(({ problem }) => problem !== null);
  const lines = snapshots.map(
    ({ sequence, savedAt, problem }) =>
      `snapshot ${sequence} of ${formatTime(savedAt)}: ` +
      `${problem ? `DAMAGED, ${problem.code}: ${problem.message}` : 'whole'}`,
  );
  const unneeded = result.unneededBytes;
  lines.push(
    `${formatBytes(result.storedBytes)} in the store` +
      `${unneeded > 0 ? `, ${formatBytes(unneeded)} of it not needed (the next save removes it)` : ''}.`,
    bad.length === 0
      ? `${formatCount(snapshots.length, 'snapshot')}, all whole${deep ? ', everything read' : ''}.`
      : `Damaged: ${bad.length} of ${formatCount(snapshots.length, 'snapshot')}.`,
  );
  return {
    text: lines.join('\n'),
    json: { ...result, snapshots, deep },
    exitCode: bad.length === 0 ? EXIT.done : EXIT.damaged,
  };
}
