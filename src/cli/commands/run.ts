import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { OnLeaseHeld } from '../../snapshot/lease/until-free.js';
import { openStore } from '../../stores/open-store.js';
import { IMPATIENCE_MS, SHUTDOWN_SIGNALS } from '../../system/shutdown.js';
import { demo } from '../demo.js';
import { EXIT, EXIT_HELP } from '../exit-codes.js';
import type { Keeping } from '../keeping.js';
import { type KeyFlags, readKey } from '../key-source.js';
import { reportWarnings } from '../report-warnings.js';
import { JsonReporter, type Reporter } from '../reporter.js';
import { failWith, run } from '../run.js';
import { storeUrl } from '../store-url.js';
import { TerminalReporter } from '../terminal-reporter.js';
import { keyOptions, storeOption } from './engine-command.js';

interface RunFlags extends KeyFlags {
  session?: string;
  store?: string;
  onLeaseHeld: OnLeaseHeld;
  local?: true;
  dataPath?: string;
  pair?: string;
  demo?: true;
  json?: true;
}

const OF_A_STORE = ['store', 'keyFile', 'passphraseFile', 'onLeaseHeld'];

export function addRun(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('run')
    .description('Keep one session logged in, and saved; shows a QR code if it is not linked yet.')
    .option('--session <id>', 'which session: letters, digits, _ and - (default: the unnamed one)');
  keyOptions(storeOption(command))
    .addOption(
      new Option('--on-lease-held <how>', 'when another process holds the session')
        .choices(['wait', 'fail', 'takeover'])
        .default('wait'),
    )
    .addOption(
      new Option('--local', 'keep the login in a folder of this machine only').conflicts(
        OF_A_STORE,
      ),
    )
    .option(
      '--data-path <dir>',
      "the folder of the browser's profiles, or with --local of the sessions (default: ./.wwebjs_auth)",
    )
    .option('--pair <phone>', 'link by a pairing code: the number with country code, digits only')
    .addOption(
      new Option(
        '--demo',
        'show the whole story against a stand-in: no phone, no internet',
      ).conflicts([...OF_A_STORE, 'local', 'session', 'dataPath', 'pair']),
    )
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
  const stopReporting = reportWarnings(reporter);
  const { session, dataPath, pair } = flags;
  let keeping: Keeping | undefined;
  try {
    if (flags.demo) return await demo(reporter, stop.signal);
    keeping = await keepingOf(flags);
    return await run({ keeping, session, dataPath, pair }, reporter, stop.signal);
  } catch (error) {
    return failWith(error, 'UNEXPECTED', reporter);
  } finally {
    if (keeping?.in === 'store') await keeping.store.close();
    // What was warned of at the very end is told in the next turn.
    await nextTurn();
    stopReporting();
    reporter.close();
    for (const signal of SHUTDOWN_SIGNALS) process.off(signal, onSignal);
  }
}

async function keepingOf(flags: RunFlags): Promise<Keeping> {
  if (flags.local) return { in: 'folder' };
  const url = storeUrl(flags.store);
  const encryptionKey = await readKey(flags);
  return { in: 'store', store: openStore(url), url, encryptionKey, onLeaseHeld: flags.onLeaseHeld };
}
