import type { Command } from 'commander';
import { IMPATIENCE_MS, SHUTDOWN_SIGNALS } from '../../system/shutdown.js';
import { demo } from '../demo.js';
import { EXIT, EXIT_HELP } from '../exit-codes.js';
import { JsonReporter, type Reporter } from '../reporter.js';
import { type RunOptions, run } from '../run.js';
import { TerminalReporter } from '../terminal-reporter.js';

interface RunFlags {
  session?: string;
  dataPath?: string;
  pair?: string;
  demo?: true;
  json?: true;
}

export function addRun(program: Command, onEnd: (exitCode: number) => void): void {
  program
    .command('run')
    .description('Keep one session logged in; shows a QR code if it is not linked yet.')
    .option('--session <id>', 'which session: letters, digits, _ and - (default: the unnamed one)')
    .option('--data-path <dir>', 'the folder the sessions are kept in (default: ./.wwebjs_auth)')
    .option('--pair <phone>', 'link by a pairing code: the number with country code, digits only')
    .option('--demo', 'show the whole story against a stand-in: no phone, no internet')
    .option('--json', 'print one JSON object a line, for programs')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: RunFlags) => onEnd(await runCommand(flags)));
}

async function runCommand(flags: RunFlags): Promise<number> {
  const reporter: Reporter = flags.json ? new JsonReporter() : new TerminalReporter();
  const stop = new AbortController();
  let stoppedAt = 0;
  const onSignal = () => {
    // npm sends a Ctrl-C on that the terminal has sent already.
    if (stoppedAt !== 0 && Date.now() - stoppedAt > IMPATIENCE_MS) process.exit(EXIT.failed);
    stoppedAt ||= Date.now();
    stop.abort();
  };
  for (const signal of SHUTDOWN_SIGNALS) process.on(signal, onSignal);
  const { session, dataPath, pair } = flags;
  const options: RunOptions = { session, dataPath, pair };
  try {
    return await (flags.demo ? demo : run)(options, reporter, stop.signal);
  } finally {
    reporter.close();
    for (const signal of SHUTDOWN_SIGNALS) process.off(signal, onSignal);
  }
}
