import type { Command } from 'commander';
import { type RestoredSnapshot, restoreSession } from '../../snapshot/restore/restore-session.js';
import { formatBytes, formatCount, formatDuration, formatTime } from '../format.js';
import { numberOption } from '../number-option.js';
import { skippedLines, skippedReports } from '../skipped-snapshots.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

interface RestoreFlags extends EngineFlags {
  to: string;
  overwrite?: true;
  snapshot?: number;
}

export function addRestore(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('restore')
    .description('Restore a session to a folder that a browser can be started with.')
    .requiredOption('--to <dir>', 'the folder; a session in it is replaced once this one is there')
    .option('--overwrite', 'also replace a folder that holds something else')
    .option('--snapshot <n>', 'which snapshot (default: the newest that is whole)', numberOption);
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (flags: RestoreFlags) =>
      onEnd(await answerWith(flags, (context) => restore(context, flags))),
  );
}

async function restore(
  { location, progress }: EngineContext,
  { to, overwrite, snapshot }: RestoreFlags,
): Promise<Answer> {
  const started = performance.now();
  const restored = await restoreSession({
    ...location,
    targetDir: to,
    overwrite,
    snapshot,
    onProgress: (state) => progress.update('Restoring', state),
  });
  const time = formatDuration(performance.now() - started);
  const { sequence, savedAt, files, bytes, reusedFiles } = restored;
  const reused = reusedFiles > 0 ? `, ${reusedFiles} of them were there already` : '';
  return {
    text: [
      ...skippedLines(skippedReports(restored.skipped)),
      `Restored snapshot ${sequence} of ${formatTime(savedAt)} to ${to}: ` +
        `${formatCount(files, 'file')}${reused}, ${formatBytes(bytes)}, in ${time}.`,
    ].join('\n'),
    json: restoredJson(restored),
  };
}

/** Without the cookies, which are secrets. */
export function restoredJson({ cookies, skipped, ...restored }: RestoredSnapshot): unknown {
  return {
    ...restored,
    skipped: skippedReports(skipped),
  };
}
