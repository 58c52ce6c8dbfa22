import { learnTime } from './clock.js';
import { EventParser, type ServerEvent } from './parse-events.js';
import { errorOf, type RequestError } from './request.js';

/** The server writes at least a comment every 15 s: after this there is no connection any more. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
/** Asking again would not change these. */
const FINAL = [401, 403, 404, 410];

export interface EventListeners {
  onEvent(event: ServerEvent): void;
  /** Told once per loss, not at each try. */
  onConnection(isConnected: boolean): void;
  /** The server will not give this stream; nothing comes after it. */
  onRefused(error: RequestError): void;
}

/**
 * Follows a stream of events for as long as it is wanted, connecting again whenever it breaks.
 * EventSource would not say why it was refused, nor notice a connection that has died silently.
 */
export function followEvents(path: string, listeners: EventListeners): () => void {
  const ended = new AbortController();
  void follow(path, listeners, ended.signal);
  return () => ended.abort();
}

async function follow(path: string, listeners: EventListeners, ended: AbortSignal): Promise<void> {
  let isConnected: boolean | null = null;
  const tell = (value: boolean) => {
    if (ended.aborted || isConnected === value) return;
    isConnected = value;
    listeners.onConnection(value);
  };

  for (let failures = 0; !ended.aborted; ) {
    try {
      const refusal = await readStream(path, ended, listeners, () => {
        failures = 0;
        tell(true);
      });
      if (refusal && !ended.aborted) return listeners.onRefused(refusal);
    } catch {
      // Broken, or never there: both are followed by another try.
    }
    tell(false);
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), ended);
    failures++;
  }
}

async function readStream(
  path: string,
  ended: AbortSignal,
  { onEvent }: EventListeners,
  onOpen: () => void,
): Promise<RequestError | null> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const end = () => silence.abort();
  ended.addEventListener('abort', end);
  // Sooner than the silence would be noticed.
  window.addEventListener('offline', end);
  try {
    const response = await fetch(path, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal: silence.signal,
    });
    learnTime(response);
    if (FINAL.includes(response.status)) return await errorOf(response);
    if (!response.ok || !response.body) return null;
    onOpen();

    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || ended.aborted) return null;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const event of parser.parse(value)) onEvent(event);
    }
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', end);
    window.removeEventListener('offline', end);
    silence.abort();
  }
}

/** Ends early when the browser says that there is a network again. */
async function pause(ms: number, ended: AbortSignal): Promise<void> {
  if (ended.aborted) return;
  const over = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => resolve();
    window.addEventListener('online', stop, { signal: over.signal });
    ended.addEventListener('abort', stop, { signal: over.signal });
    over.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  over.abort();
}
