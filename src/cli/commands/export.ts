import type { Command } from 'commander';
import { exportSession } from '../../snapshot/archive/export-session.js';
import { formatBytes, formatTime } from '../format.js';
import { numberOption } from '../number-option.js';
import { skippedLines, skippedReports } from '../skipped-snapshots.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';
import { restoredJson } from './restore.js';

interface ExportFlags extends EngineFlags {
  to: string;
  snapshot?: number;
}

export function addExport(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('export')
    .description("Write a session as the zip that whatsapp-web.js's RemoteAuth uses; NOT sealed.")
    .requiredOption('--to <zip>', 'the file to write')
    .option('--snapshot <n>', 'which snapshot (default: the newest that is whole)', numberOption);
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (flags: ExportFlags) =>
      onEnd(await answerWith(flags, (context) => exportTo(context, flags))),
  );
}

async function exportTo(
  { location, progress }: EngineContext,
  { to, snapshot }: ExportFlags,
): Promise<Answer> {
  const restored = await exportSession({
    ...location,
    zipFile: to,
    snapshot,
    onProgress: (state) => progress.update('Exporting', state),
  });
  const { sequence, savedAt, bytes } = restored;
  return {
    text: [
      ...skippedLines(skippedReports(restored.skipped)),
      `Wrote snapshot ${sequence} of ${formatTime(savedAt)} to ${to} (${formatBytes(bytes)} unpacked). ` +
        'It is not sealed: whoever has the file has the login.',
    ].join('\n'),
    json: restoredJson(restored),
  };
}
