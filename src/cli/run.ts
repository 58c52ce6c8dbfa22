import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../client/client.js';
import type { DisconnectReason } from '../client/client-events.js';
import type { ClientOptions } from '../client/options.js';
import { HoldfastError } from '../errors.js';
import { EXIT, errorReport, exitCodeOf } from './exit-codes.js';
import { type Keeping, keptSession, type SessionChoice } from './keeping.js';
import { reportEvents } from './report-events.js';
import type { Reporter } from './reporter.js';

export interface RunOptions extends SessionChoice {
  keeping: Keeping;
  /** A phone number to link by pairing code. */
  pair?: string | undefined;
  puppeteer?: ClientOptions['puppeteer'];
}

const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 60_000;
/** Whoever has asked for the session looks once a second whether it is released. */
const RESTART_AFTER_LOSS_MS = 5_000;

/** Keeps one session logged in until `stop` is aborted. @returns the exit status */
export async function run(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
): Promise<number> {
  let { keeping } = options;
  let pause = FIRST_RESTART_MS;
  try {
    for (;;) {
      const reason = await holdSession({ ...options, keeping }, reporter, stop, () => {
        pause = FIRST_RESTART_MS;
      });
      if (reason === null) return EXIT.done;
      if (reason === 'LEASE_LOST' && keeping.in === 'store') {
        if (keeping.onLeaseHeld === 'fail') return EXIT.held;
        // Two that take it from each other would do so for ever.
        keeping = { ...keeping, onLeaseHeld: 'wait' };
        pause = Math.max(pause, RESTART_AFTER_LOSS_MS);
      }
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

export interface CommandClient {
  client: Client;
  /** Of its session. */
  name: string;
  keptIn: string;
}

/** A client for the command, of which everything is shown. */
export function createClient(options: RunOptions, reporter: Reporter): CommandClient {
  const { strategy, name, keptIn } = keptSession(options.keeping, options);
  const client = new Client({
    authStrategy: strategy,
    ...(options.puppeteer && { puppeteer: options.puppeteer }),
    ...(options.pair !== undefined && { pairWithPhoneNumber: { phoneNumber: options.pair } }),
    // The command ends itself, with an exit status of its own.
    handleSignals: false,
  });
  reportEvents(client, reporter, keptIn);
  return { client, name, keptIn };
}

/** @returns why the client ended, or null when it was told to stop */
async function holdSession(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
  onReady: () => void,
): Promise<DisconnectReason | null> {
  const { client, name, keptIn } = createClient(options, reporter);
  client.on('ready', onReady);
  reporter.say({ event: 'starting', session: name, keptIn });
  let isStarting = true;
  const ended = new Promise<DisconnectReason | null>((resolve) => {
    client.on('disconnected', (reason) => {
      if (reason !== 'LOGOUT') resolve(reason);
    });
    // While it starts, it goes on by itself: with what the store has instead of the disk.
    client.on('auth_failure', () => {
      if (!isStarting) resolve('LINKING_FAILED');
    });
    stop.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    const started = stop.aborted ? undefined : client.initialize();
    await Promise.race([started, ended]);
    isStarting = false;
    const reason = stop.aborted ? null : await ended;
    if (reason === null) reporter.say({ event: 'stopping' });
    return reason;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'LEASE_LOST') return 'LEASE_LOST';
    throw error;
  } finally {
    await client.destroy();
    if (stop.aborted) reporter.say({ event: 'stopped' });
  }
}

function isPassing(reason: DisconnectReason): boolean {
  return ['BROWSER_CLOSED', 'PAGE_CLOSED', 'PAGE_CRASHED', 'LINKING_FAILED', 'LEASE_LOST'].includes(
    reason,
  );
}
