import type { Log } from '../server/log/log.js';
import type { RunningServer } from '../server/serve.js';
import { IMPATIENCE_MS, SHUTDOWN_SIGNALS } from '../system/shutdown.js';
import { withinTime } from '../system/within-time.js';
import { EXIT } from './exit-codes.js';

/** Hosts give 30 s from SIGTERM to the end. */
const STOP_PATIENCE_MS = 28_000;

/**
 * Resolves when the process is told to end. A second signal ends it at once; npm sends a Ctrl-C on
 * that the terminal has sent already.
 */
export function untilTold(): { told: Promise<void>; stopListening(): void } {
  let toldAt = 0;
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const onSignal = () => {
    if (toldAt !== 0 && Date.now() - toldAt > IMPATIENCE_MS) process.exit(EXIT.failed);
    toldAt ||= Date.now();
    tell();
  };
  for (const signal of SHUTDOWN_SIGNALS) process.on(signal, onSignal);
  return {
    told,
    stopListening: () => {
      for (const signal of SHUTDOWN_SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** @returns whether all sessions were handed over in time */
export async function endServer(starting: Promise<RunningServer>, log: Log): Promise<boolean> {
  log.write('info', 'stopping');
  const stopped = starting.then((server) => server.stop()).then(() => true);
  if (await withinTime(STOP_PATIENCE_MS, stopped)) {
    log.write('info', 'stopped');
    return true;
  }
  const message = 'Not all sessions could be saved and closed in time; others take them over soon.';
  log.write('error', 'stopped_too_late', { message });
  return false;
}
