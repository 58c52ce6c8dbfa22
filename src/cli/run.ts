import { Client } from '../client/client.js';
import type { ClientOptions } from '../client/options.js';
import type { SessionEnd } from '../fleet/session/session-end.js';
import { growingPause, SessionRunner } from '../fleet/session/session-runner.js';
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

/** Whoever has asked for the session looks once a second whether it is released. */
const LEAST_PAUSE_AFTER_LOSS_MS = 5_000;

/** Keeps one session logged in until `stop` is aborted. @returns the exit status */
export async function run(
  options: RunOptions,
  reporter: Reporter,
  stop: AbortSignal,
): Promise<number> {
  let { keeping } = options;
  const runner = new SessionRunner({
    createClient: () => {
      const { client, name, keptIn } = createClient({ ...options, keeping }, reporter);
      reporter.say({ event: 'starting', session: name, keptIn });
      return client;
    },
    pauseAfter: (end, failures) => {
      const pause = growingPause(failures);
      if (end.how === 'passing') return pause;
      if (end.how !== 'lease-lost' || keeping.in === 'folder') return null;
      if (keeping.onLeaseHeld === 'fail') return null;
      // Two that take it from each other would do so for ever.
      keeping = { ...keeping, onLeaseHeld: 'wait' };
      return Math.max(pause, LEAST_PAUSE_AFTER_LOSS_MS);
    },
    onPause: (inMs) => reporter.say({ event: 'restarting', inMs }),
    onClosing: ({ how }) => {
      if (how === 'told') reporter.say({ event: 'stopping' });
    },
    onClosed: () => {
      if (stop.aborted) reporter.say({ event: 'stopped' });
    },
  });
  const onStop = () => void runner.stop();
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  try {
    return exitCodeOfEnd(await runner.run(), reporter);
  } catch (error) {
    return failWith(error, 'UNEXPECTED', reporter);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

function exitCodeOfEnd(end: SessionEnd, reporter: Reporter): number {
  switch (end.how) {
    case 'told':
      return EXIT.done;
    case 'lease-lost':
      return EXIT.held;
    case 'passing':
    case 'for-good':
      return EXIT.disconnected;
    case 'failed':
      return failWith(end.error, 'UNEXPECTED', reporter);
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
