import type { Command } from 'commander';
import { rollBackSession } from '../../snapshot/roll-back.js';
import type { RolledBackSession } from '../../snapshot/session-writer.js';
import { formatTime } from '../format.js';
import { numberOption } from '../number-option.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

interface RollbackFlags extends EngineFlags {
  snapshot: number;
}

export function addRollback(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('rollback')
    .description('Make an earlier snapshot of a session its newest one, when the newest is broken.')
    .requiredOption('--snapshot <n>', 'which one; `holdfast show` lists them', numberOption)
    .addHelpText(
      'after',
      '\nThe later snapshots stay for a while, so this can be undone in the same way. Messages that' +
        '\ncame since that snapshot may not be readable: its message keys are older.',
    );
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (flags: RollbackFlags) =>
      onEnd(await answerWith(flags, (context) => rollBack(context, flags.snapshot))),
  );
}

async function rollBack(context: EngineContext, snapshot: number): Promise<Answer> {
  const { location, progress } = context;
  await context.untilFree();
  const rolledBack = await rollBackSession({
    ...location,
    snapshot,
    onProgress: (state) => progress.update('Reading', state),
  });
  return { text: sentences(rolledBack), json: rolledBack };
}

function sentences({ session, sequence, from, wasUnlinked }: RolledBackSession): string {
  return [
    `${session} is as it was in snapshot ${from.sequence} of ${formatTime(from.savedAt)}; that is ` +
      `snapshot ${sequence} now, the newest.`,
    'Messages that came since then may not be readable: their senders are asked to send them again.',
    ...(wasUnlinked
      ? ['The phone has ended a login of this session. If it was this one, WhatsApp refuses it.']
      : []),
  ].join('\n');
}
