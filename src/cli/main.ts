#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { IMPATIENCE_MS, SHUTDOWN_SIGNALS } from '../system/shutdown.js';
import { demo } from './demo.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import { JsonReporter, type Reporter } from './reporter.js';
import { type RunOptions, run } from './run.js';
import { TerminalReporter } from './terminal-reporter.js';

interface RunFlags {
  session?: string;
  dataPath?: string;
  pair?: string;
  demo?: true;
  json?: true;
}

function readVersion(): string {
  const file = path.join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
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

async function main(): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command('holdfast')
    .description('Log in to WhatsApp Web once, stay logged in anywhere.')
    .version(readVersion())
    .showHelpAfterError('(holdfast --help lists the commands)')
    .exitOverride();
  program
    .command('run')
    .description('Keep one session logged in; shows a QR code if it is not linked yet.')
    .option('--session <id>', 'which session: letters, digits, _ and - (default: the unnamed one)')
    .option('--data-path <dir>', 'the folder the sessions are kept in (default: ./.wwebjs_auth)')
    .option('--pair <phone>', 'link by a pairing code: the number with country code, digits only')
    .option('--demo', 'show the whole story against a stand-in: no phone, no internet')
    .option('--json', 'print one JSON object a line, for programs')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: RunFlags) => {
      exitCode = await runCommand(flags);
    });
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what was wrong; help and version are no errors.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return exitCode;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = EXIT.failed;
  },
);
