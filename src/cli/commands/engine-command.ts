import type { Command } from 'commander';
import { sessionName } from '../../auth/session-name.js';
import type { EncryptionKey } from '../../snapshot/encryption-key.js';
import { untilFree } from '../../snapshot/lease/until-free.js';
import type { SessionLocation } from '../../snapshot/open-session.js';
import type { BackedStore } from '../../stores/backed-store.js';
import { openStore } from '../../stores/open-store.js';
import { errorReport, exitCodeOf, STORE_EXIT_HELP } from '../exit-codes.js';
import { formatDuration } from '../format.js';
import { type KeyFlags, readKey } from '../key-source.js';
import { Progress } from '../progress.js';
import { storeUrl } from '../store-url.js';

export interface EngineFlags extends KeyFlags {
  store?: string;
  session?: string;
  json?: true;
}

/** What a command has to say: as text for people, as one JSON value for programs. */
export interface Answer {
  text: string;
  json: unknown;
  /** Default: 0. */
  exitCode?: number;
}

/** Where the flags lead to. */
export class EngineContext {
  readonly store: BackedStore;
  readonly encryptionKey: EncryptionKey | undefined;
  readonly progress: Progress;
  readonly #flags: EngineFlags;

  private constructor(flags: EngineFlags, encryptionKey: EncryptionKey | undefined) {
    this.#flags = flags;
    this.store = openStore(storeUrl(flags.store));
    this.encryptionKey = encryptionKey;
    this.progress = new Progress({ isSilent: flags.json === true });
  }

  static async create(flags: EngineFlags): Promise<EngineContext> {
    return new EngineContext(flags, await readKey(flags));
  }

  /** The stored name of the session that was asked for. */
  get session(): string {
    return sessionName(this.#flags.session);
  }

  get location(): SessionLocation {
    return { store: this.store, session: this.session, encryptionKey: this.encryptionKey };
  }

  /** To be called before the session is changed. @throws {HoldfastError} LEASE_HELD */
  async untilFree(): Promise<void> {
    await untilFree(this.store, this.session, ({ pid, host, termMs }) =>
      this.progress.note(
        `Process ${pid} on ${host} holds the session. Watching whether it still lives, for ` +
          `${formatDuration(termMs)} at most.`,
      ),
    );
  }
}

export interface EngineCommandOptions {
  needsSession: boolean;
  needsKey: boolean;
}

export function storeOption(command: Command): Command {
  return command.option(
    '--store <url>',
    'where the sessions are (default: HOLDFAST_STORE, else file:./sessions)',
  );
}

export function keyOptions(command: Command): Command {
  return command
    .option(
      '--key-file <file>',
      'the file of the key that seals it (or HOLDFAST_KEY_FILE, HOLDFAST_KEY)',
    )
    .option('--passphrase-file <file>', 'the file of the passphrase (or HOLDFAST_PASSPHRASE)');
}

/** Adds the options that such commands share. */
export function engineOptions(command: Command, options: EngineCommandOptions): Command {
  storeOption(command);
  if (options.needsSession) {
    command.option('--session <id>', 'a clientId or a stored name (default: the unnamed session)');
  }
  if (options.needsKey) keyOptions(command);
  return command
    .option('--json', 'print one JSON value, for programs')
    .addHelpText('after', STORE_EXIT_HELP);
}

/** Runs a command and prints its answer, or what went wrong. @returns the exit status */
export async function answerWith(
  flags: EngineFlags,
  work: (context: EngineContext) => Promise<Answer>,
): Promise<number> {
  let context: EngineContext | undefined;
  try {
    context = await EngineContext.create(flags);
    const { text, json, exitCode = 0 } = await work(context);
    context.progress.close();
    process.stdout.write(flags.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
    return exitCode;
  } catch (error) {
    context?.progress.close();
    const report = errorReport(error);
    if (flags.json) process.stdout.write(`${JSON.stringify({ error: report })}\n`);
    else process.stderr.write(`Error ${report.code}: ${report.message}\n`);
    return exitCodeOf(error);
  } finally {
    await context?.store.close();
  }
}
