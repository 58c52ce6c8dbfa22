import type { Command } from 'commander';
import { removeSession } from '../../snapshot/remove-session.js';
import { answerWith, type EngineFlags, engineOptions } from './engine-command.js';

export function addRm(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('rm')
    .description('Remove a session from a store, with all its snapshots. There is no way back.')
    .requiredOption('--yes', 'yes, remove it');
  engineOptions(command, { needsSession: true, needsKey: false }).action(
    async (flags: EngineFlags) =>
      onEnd(
        await answerWith(flags, async (context) => {
          const { store, session } = context;
          await context.untilFree();
          await removeSession(store, session);
          return {
            text: `Removed ${session}. The phone still lists the device until it is unlinked there.`,
            json: { session, removed: true },
          };
        }),
      ),
  );
}
