import type { Command } from 'commander';
import { repairSession } from '../../snapshot/repair-session.js';
import { formatCount, formatTime } from '../format.js';
import { answerWith, type EngineFlags, engineOptions } from './engine-command.js';

export function addRepair(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('repair')
    .description('Make the lost or damaged head of a session anew from its snapshots.');
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (flags: EngineFlags) =>
      onEnd(
        await answerWith(flags, async (context) => {
          const { location } = context;
          await context.untilFree();
          const { snapshots, unusable } = await repairSession(location);
          const newest = snapshots.at(-1);
          const lines = [
            ...unusable.map(({ error }) => `Not usable: ${error.message}`),
            `Repaired ${location.session}: ${formatCount(snapshots.length, 'snapshot')}, the newest is ` +
              `${newest?.sequence} of ${formatTime(newest?.savedAt ?? '')}.`,
          ];
          return {
            text: lines.join('\n'),
            json: {
              session: location.session,
              snapshots: snapshots.map(({ manifest: _, ...info }) => info),
              unusable: unusable.map(({ pack, error: { code, message } }) => ({
                pack,
                error: { code, message },
              })),
            },
          };
        }),
      ),
  );
}
