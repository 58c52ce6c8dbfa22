/**
 * Signals are a matter of the whole process, so this module keeps the one list of what must
 * happen before the process may end. It listens only while the list is not empty.
 */

export const SHUTDOWN_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type ShutdownSignal = (typeof SHUTDOWN_SIGNALS)[number];

/** A second signal this much later than the first means the user does not want to wait. */
export const IMPATIENCE_MS = 1000;

const closers = new Set<() => Promise<void>>();
const listeners = new Map<ShutdownSignal, () => void>();
let closing: { since: number; first: ShutdownSignal; endBy: ShutdownSignal | null } | null = null;

/**
 * Runs `close` when the process is told to end (SIGINT, SIGTERM, SIGHUP), all closers side by
 * side, and raises the signal again afterwards if nobody else listens for it. Errors of a closer
 * do not keep the process alive.
 *
 * A terminal and npm both send SIGINT on one Ctrl-C, so signals within a second of the first are
 * one wish; a later one ends the process at once.
 *
 * @returns a function that takes `close` off the list again
 */
export function onShutdown(close: () => Promise<void>): () => void {
  closers.add(close);
  if (listeners.size === 0) listen();
  return () => {
    closers.delete(close);
    if (closers.size === 0 && closing === null) unlisten();
  };
}

function listen(): void {
  for (const signal of SHUTDOWN_SIGNALS) {
    const listener = () => void handle(signal);
    listeners.set(signal, listener);
    // Ahead of others: those that listen `once` are off the list as soon as they are called.
    process.prependListener(signal, listener);
  }
}

function unlisten(): void {
  for (const [signal, listener] of listeners) process.off(signal, listener);
  listeners.clear();
}

async function handle(signal: ShutdownSignal): Promise<void> {
  const isOurs = process.listenerCount(signal) === 1;
  if (closing !== null) {
    // Of two kinds of signals one may be a listener's of the program, the other nobody's but ours.
    if (isOurs && signal !== closing.first) closing.endBy ??= signal;
    if (Date.now() - closing.since > IMPATIENCE_MS) end(signal);
    return;
  }
  const current = { since: Date.now(), first: signal, endBy: isOurs ? signal : null };
  closing = current;
  await Promise.allSettled([...closers].map((close) => close()));
  closing = null;
  end(current.endBy);
}

/** @param signal null when the program itself says what follows */
function end(signal: ShutdownSignal | null): void {
  const isLast = signal !== null && process.listenerCount(signal) === 1;
  // A program that lives on may have started something in the meantime. Its listeners stay as they
  // are: taking them off and on again would lose a signal that comes at that instant.
  if (!isLast && closers.size > 0) return;
  unlisten();
  if (isLast) process.kill(process.pid, signal);
}
