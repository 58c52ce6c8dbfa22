import { setTimeout as sleep } from 'node:timers/promises';
import { LocalAuth } from '../auth/local-auth.js';
import { Client } from '../client/client.js';
import type { DisconnectReason } from '../client/client-events.js';
import type { ClientOptions } from '../client/options.js';
import { qrLifetimeMs } from '../whatsapp/qr-lifetime.js';
import { EXIT, errorReport, exitCodeOf } from './exit-codes.js';
import type { Reporter } from './reporter.js';

export interface RunOptions {
  session?: string | undefined;
  dataPath?: string | undefined;
  /** A phone number to link by pairing code. */
  pair?: string | undefined;
  puppeteer?: ClientOptions['puppeteer'];
}

const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 60_000;

/** Keeps one session logged in until `stop` is aborted. @returns the exit status */
export async function run(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
): Promise<number> {
  let pause = FIRST_RESTART_MS;
  try {
    for (;;) {
      const reason = await holdSession(options, reporter, stop, () => {
        pause = FIRST_RESTART_MS;
      });
      if (reason === null) return EXIT.done;
      if (!isPassing(reason)) return EXIT.disconnected;
      reporter.say({ event: 'restarting', inMs: pause });
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) return EXIT.done;
      pause = Math.min(2 * pause, LAST_RESTART_MS);
    }
  } catch (error) {
    return failWith(error, 'UNEXPECTED', reporter);
  }
}

/** Shows an error, under `otherCode` if it is none of ours. @returns the exit status */
export function failWith(error: unknown, otherCode: string, reporter: Reporter): number {
  const { code, message } = errorReport(error);
  reporter.say({ event: 'error', code: code === 'UNEXPECTED' ? otherCode : code, message });
  return exitCodeOf(error);
}

/** A client for the command: LocalAuth, and everything it says shown. */
export function createClient(options: RunOptions, reporter: Reporter): Client {
  const client = new Client({
    authStrategy: new LocalAuth({ clientId: options.session, dataPath: options.dataPath }),
    ...(options.puppeteer && { puppeteer: options.puppeteer }),
    ...(options.pair !== undefined && { pairWithPhoneNumber: { phoneNumber: options.pair } }),
    // The command ends itself, with an exit status of its own.
    handleSignals: false,
  });
  let qrs = 0;
  client.on('qr', (qr) => {
    reporter.say({ event: 'qr', qr, validMs: qrLifetimeMs(qrs === 0) });
    qrs++;
  });
  client.on('code', (code) => reporter.say({ event: 'code', code }));
  client.on('change_state', (state) => reporter.say({ event: 'change_state', state }));
  client.on('authenticated', () => reporter.say({ event: 'authenticated' }));
  client.on('loading_screen', (percent) => reporter.say({ event: 'loading_screen', percent }));
  client.on('auth_failure', (message) =>
    reporter.say({ event: 'auth_failure', message: String(message) }),
  );
  client.on('message', ({ from, body }) => reporter.say({ event: 'message', from, body }));
  client.on('ready', () => {
    const { wid, pushname = '' } = client.info ?? {};
    reporter.say({ event: 'ready', account: wid?._serialized ?? 'unknown', name: pushname });
  });
  client.on('disconnected', (reason) => {
    qrs = 0;
    reporter.say({ event: 'disconnected', reason });
  });
  return client;
}

/** @returns why the client ended, or null when it was told to stop */
async function holdSession(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
  onReady: () => void,
): Promise<DisconnectReason | null> {
  const client = createClient(options, reporter);
  client.on('ready', onReady);
  const { sessionFolder } = client.authStrategy as LocalAuth;
  reporter.say({ event: 'starting', session: sessionFolder });
  const ended = new Promise<DisconnectReason | null>((resolve) => {
    client.on('disconnected', (reason) => {
      if (reason !== 'LOGOUT') resolve(reason);
    });
    client.on('auth_failure', () => resolve('LINKING_FAILED'));
    stop.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    if (!stop.aborted) await Promise.race([client.initialize(), ended]);
    const reason = stop.aborted ? null : await ended;
    if (reason === null) reporter.say({ event: 'stopping' });
    return reason;
  } finally {
    await client.destroy();
    if (stop.aborted) reporter.say({ event: 'stopped' });
  }
}

function isPassing(reason: DisconnectReason): boolean {
  return ['BROWSER_CLOSED', 'PAGE_CLOSED', 'PAGE_CRASHED', 'LINKING_FAILED'].includes(reason);
}
