import type { Command } from 'commander';
import { importArchive } from '../../snapshot/archive/import-archive.js';
import { answerWith, type EngineFlags, engineOptions } from './engine-command.js';
import { savedAnswer } from './save.js';

export function addImport(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('import')
    .description("Save what is in a zip of whatsapp-web.js's RemoteAuth as a session.")
    .argument('<zip>', 'the archive');
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (zipFile: string, flags: EngineFlags) =>
      onEnd(
        await answerWith(flags, async (context) => {
          const { location, progress } = context;
          await context.untilFree();
          const saved = await importArchive({
            ...location,
            zipFile,
            onProgress: ({ doneBytes, totalBytes }) =>
              progress.update('Unpacking', { done: doneBytes, total: totalBytes }),
          });
          return savedAnswer(saved, location);
        }),
      ),
  );
}
