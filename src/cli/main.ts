#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readVersion } from '../system/version.js';
import { addAdopt } from './commands/adopt.js';
import { addCheck } from './commands/check.js';
import { addExport } from './commands/export.js';
import { addImport } from './commands/import.js';
import { addKey } from './commands/key.js';
import { addLs } from './commands/ls.js';
import { addRepair } from './commands/repair.js';
import { addRestore } from './commands/restore.js';
import { addRm } from './commands/rm.js';
import { addRollback } from './commands/rollback.js';
import { addRun } from './commands/run.js';
import { addSave } from './commands/save.js';
import { addServe } from './commands/serve.js';
import { addShow } from './commands/show.js';
import { EXIT } from './exit-codes.js';

const COMMANDS = [
  addRun,
  addServe,
  addLs,
  addShow,
  addCheck,
  addRestore,
  addSave,
  addExport,
  addImport,
  addAdopt,
  addRm,
  addRollback,
  addRepair,
  addKey,
];

async function main(): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command('holdfast')
    .description('Log in to WhatsApp Web once, stay logged in anywhere.')
    .version(readVersion())
    .showHelpAfterError('(holdfast --help lists the commands)')
    .exitOverride();
  for (const add of COMMANDS) {
    add(program, (code) => {
      exitCode = code;
    });
  }
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
