import type { Command } from 'commander';
import { HoldfastError } from '../../errors.js';
import { ZipFolder } from '../../objects/files/zip-folder.js';
import type { FormerArchive, FormerArchives } from '../../objects/former-archives.js';
import {
  type AdoptedSession,
  adoptUnheld,
  describeAdopted,
  isUnknown,
  verifyAdopted,
} from '../../snapshot/archive/adopt-session.js';
import { readHead } from '../../snapshot/open-session.js';
import { EXIT, errorReport, exitCodeOf } from '../exit-codes.js';
import { formatBytes, formatTable, formatTime } from '../format.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

interface AdoptFlags extends EngineFlags {
  all?: true;
  dryRun?: true;
  from?: string;
  deleteOriginal?: true;
}

type Outcome = AdoptedSession &
  (
    | { result: 'adopted' | 'would-adopt' | 'already-there' | 'logged-out' }
    | { result: 'failed'; error: ReturnType<typeof errorReport>; exitCode: number }
  );

export function addAdopt(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('adopt')
    .description("Take over the sessions that whatsapp-web.js's RemoteAuth has left in a store.")
    .option('--all', 'every session that has an archive there')
    .option('--from <dir>', 'take the archives, RemoteAuth*.zip, from this folder instead')
    .option('--dry-run', 'only say what would be done')
    .option('--delete-original', 'delete each archive once what was saved of it was read back')
    .addHelpText(
      'after',
      '\nA start with RemoteAuth takes a session over by itself; this does it ahead of time.' +
        '\nFor a folder of LocalAuth use: holdfast save <dir>',
    );
  engineOptions(command, { needsSession: true, needsKey: true }).action(async (flags: AdoptFlags) =>
    onEnd(await answerWith(flags, (context) => adopt(context, flags))),
  );
}

async function adopt(context: EngineContext, flags: AdoptFlags): Promise<Answer> {
  if (flags.all && flags.session !== undefined) {
    throw new HoldfastError('INVALID_OPTION', 'Say either --session or --all.');
  }
  const archives = archivesOf(context, flags);
  const found = flags.all ? await archives.list() : [await archives.find(context.session)];
  const outcomes: Outcome[] = [];
  for (const archive of found) {
    if (archive !== null) outcomes.push(await adoptOne(archive, archives, context, flags));
  }
  if (outcomes.length === 0) {
    const what = flags.all ? 'no session' : `no session ${context.session}`;
    return {
      text: `There is ${what} of whatsapp-web.js's RemoteAuth in it.`,
      json: [],
      exitCode: flags.all ? EXIT.done : EXIT.notFound,
    };
  }
  const exitCode = outcomes.reduce((worst, each) => worst || failureOf(each), 0);
  const json = outcomes.map((outcome) => withoutExitCode(outcome));
  return { text: table(outcomes), json, exitCode };
}

function archivesOf({ store }: EngineContext, { from }: AdoptFlags): FormerArchives {
  if (from !== undefined) return new ZipFolder(from);
  if (store.formerArchives) return store.formerArchives;
  throw new HoldfastError(
    'INVALID_OPTION',
    'No store of whatsapp-web.js keeps its sessions in this kind of store. Say where they are: ' +
      '--from <dir>, a folder with RemoteAuth*.zip.',
  );
}

async function adoptOne(
  archive: FormerArchive,
  archives: FormerArchives,
  { store, encryptionKey, progress }: EngineContext,
  { dryRun, deleteOriginal }: AdoptFlags,
): Promise<Outcome> {
  const described = describeAdopted(archive);
  const { session } = archive;
  try {
    const head = (await readHead(store, session))?.decoded.head ?? null;
    if (!isUnknown(head)) {
      return {
        ...described,
        result: head?.state === 'logged-out' ? 'logged-out' : 'already-there',
      };
    }
    if (dryRun) return { ...described, result: 'would-adopt' };
    progress.note(`Taking over ${session}, ${formatBytes(archive.bytes)} in ${archive.place}.`);
    const location = { store, session, encryptionKey };
    await adoptUnheld(archive, location);
    await verifyAdopted(location);
    if (deleteOriginal) await archives.delete(session);
    return { ...described, result: 'adopted' };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return {
      ...described,
      result: 'failed',
      error: errorReport(error),
      exitCode: exitCodeOf(error),
    };
  }
}

const WORDS = {
  adopted: 'taken over, and read back',
  'would-adopt': 'would be taken over',
  'already-there': 'is in the store already',
  'logged-out': 'was logged out since; left alone',
};

function table(outcomes: readonly Outcome[]): string {
  return formatTable([
    ['SESSION', 'SIZE', 'MADE', 'WHERE', 'RESULT'],
    ...outcomes.map((outcome) => [
      outcome.session,
      formatBytes(outcome.bytes),
      outcome.savedAt === null ? '-' : formatTime(outcome.savedAt),
      outcome.place,
      outcome.result === 'failed'
        ? `${outcome.error.code}: ${outcome.error.message}`
        : WORDS[outcome.result],
    ]),
  ]);
}

function failureOf(outcome: Outcome): number {
  return outcome.result === 'failed' ? outcome.exitCode : EXIT.done;
}

function withoutExitCode(outcome: Outcome): unknown {
  if (outcome.result !== 'failed') return outcome;
  const { exitCode, ...shown } = outcome;
  return shown;
}
