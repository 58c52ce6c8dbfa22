import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LEAN_ARGUMENTS } from '../../browser/lean-arguments.js';
import { Fleet } from '../../fleet/fleet.js';
import type { Role } from '../../server/auth/caller.js';
import { defaultCapacity } from '../../server/default-capacity.js';
import { createLog } from '../../server/log/create-log.js';
import type { Log } from '../../server/log/log.js';
import { type RunningServer, serve } from '../../server/serve.js';
import type { BackedStore } from '../../stores/backed-store.js';
import { openStore } from '../../stores/open-store.js';
import { shownUrl } from '../../stores/store-url.js';
import { endServer, untilTold } from '../end-server.js';
import { EXIT, errorReport, exitCodeOf, SERVE_EXIT_HELP } from '../exit-codes.js';
import { type KeyFlags, readKey } from '../key-source.js';
import { logWarnings } from '../log-warnings.js';
import { numberOption } from '../number-option.js';
import { checkHostName, checkKeyGiven, fleetSecret, originOf, tokensOf } from '../serve-options.js';
import { storeUrl } from '../store-url.js';
import { keyOptions, storeOption } from './engine-command.js';

interface ServeFlags extends KeyFlags {
  store?: string;
  capacity?: number;
  host: string;
  port: number;
  address?: string;
  publicUrl?: string;
  allowHost: string[];
  tokenFile?: string;
  fleetSecretFile?: string;
  dataPath: string;
  log: 'text' | 'json';
  leaseTerm?: number;
  withoutKey?: true;
  allowPrivateWebhooks?: true;
}

/** As RemoteAuth takes it. */
const SHORTEST_TERM_MS = 3_000;

export function addServe(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('serve')
    .description('Keep many sessions, with a page and an HTTP API; on many machines, one store.');
  keyOptions(storeOption(command))
    .option('--without-key', 'store sessions unsealed: whoever reads the store has all logins')
    .option('--capacity <n>', 'how many sessions at most (default: by free memory)', numberOption)
    .option('--host <host>', 'the address to listen at; 0.0.0.0: all', '127.0.0.1')
    .option('--port <n>', 'the port to listen at', portOption, 8480)
    .option('--address <url>', 'where other workers reach this one (default: by host and port)')
    .option('--public-url <url>', 'what people type; links for customers begin with it')
    .option('--allow-host <name>', 'a further host name to be asked by; repeatable', collect, [])
    .option('--token-file <file>', 'where the hashes of the tokens are (default: in --data-path)')
    .option('--fleet-secret-file <file>', 'what the workers know each other by')
    .option('--data-path <dir>', "the folder of the browsers' profiles", './.wwebjs_auth')
    .addOption(new Option('--log <format>', 'how to log').choices(['text', 'json']).default('text'))
    .option('--lease-term <ms>', 'a worker silent for so long loses its sessions', termOption)
    .option('--allow-private-webhooks', 'webhooks may lead to this machine and its network')
    .addHelpText('after', SERVE_EXIT_HELP)
    .action(async (flags: ServeFlags) => onEnd(await runServe(flags)));
}

async function runServe(flags: ServeFlags): Promise<number> {
  const log = createLog({ format: flags.log, write: (line) => process.stdout.write(line) });
  const stopLogging = logWarnings(log);
  const { told, stopListening } = untilTold();
  let store: BackedStore | undefined;
  try {
    const key = await readKey(flags);
    checkKeyGiven(key, flags.withoutKey === true);
    const url = storeUrl(flags.store);
    store = openStore(url);
    const starting = start(flags, store, key, log);
    await Promise.race([starting, told]);
    await told;
    // What still runs when the time is over would keep the process.
    return (await endServer(starting, log)) ? EXIT.done : process.exit(EXIT.failed);
  } catch (error) {
    const { code, message } = errorReport(error);
    process.stderr.write(`Error ${code}: ${message}\n`);
    return exitCodeOf(error);
  } finally {
    await store?.close();
    // What was warned of at the very end is told in the next turn.
    await nextTurn();
    stopLogging();
    stopListening();
  }
}

async function start(
  flags: ServeFlags,
  store: BackedStore,
  encryptionKey: Awaited<ReturnType<typeof readKey>>,
  log: Log,
): Promise<RunningServer> {
  const { dataPath, leaseTerm, allowPrivateWebhooks } = flags;
  const capacity = flags.capacity ?? defaultCapacity();
  const options = {
    fleetSecret: await fleetSecret(flags.fleetSecretFile, encryptionKey),
    host: checkHostName(flags.host, '--host'),
    port: flags.port,
    address: originOf(flags.address, '--address'),
    publicUrl: originOf(flags.publicUrl, '--public-url'),
    allowHosts: flags.allowHost.map((name) => checkHostName(name, '--allow-host')),
    allowPrivateWebhooks,
  };
  // Last, and shown at once: whatever fails later, they are known.
  const { hashes, created, file } = await tokensOf(flags.tokenFile, dataPath);
  if (created !== null) showTokens(created, file);
  const server = await serve({
    ...options,
    store,
    encryptionKey,
    createFleet: (parts) =>
      new Fleet({
        ...parts,
        encryptionKey,
        dataPath,
        capacity,
        leaseTermMs: leaseTerm,
        puppeteer: { args: [...LEAN_ARGUMENTS] },
      }),
    tokens: hashes,
    log,
  });
  const { publicUrl, port } = server;
  const where = { url: publicUrl, port, store: shownUrl(storeUrl(flags.store)) };
  log.write('info', 'serving', { ...where, capacity });
  process.stderr.write(`Open ${publicUrl} and log in with ${tokenToUse(file)}.\n`);
  return server;
}

/** On standard error: they are no part of the log, which may be JSON, and is kept. */
function showTokens({ admin, viewer }: Record<Role, string>, file: string): void {
  process.stderr.write(
    `Tokens, shown this once only (${file} holds their hashes):\n  admin   ${admin}\n  viewer  ${viewer}\n`,
  );
}

function tokenToUse(file: string): string {
  if (process.env.HOLDFAST_ADMIN_TOKEN) return 'HOLDFAST_ADMIN_TOKEN';
  return `the admin token; it was shown when ${file} was made. Lost it? Delete that file, start again`;
}

function collect(name: string, names: string[]): string[] {
  return [...names, name];
}

function portOption(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('It is no port: 1 to 65535, or 0 for any that is free.');
}

function termOption(text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) >= SHORTEST_TERM_MS) return Number(text);
  throw new InvalidArgumentError(`It is no time in milliseconds of at least ${SHORTEST_TERM_MS}.`);
}
