/** What one of server-sent events says; a heartbeat has no name. */
export interface ReadEvent {
  name: string | null;
  data: string;
}

/** No worker says more at once: all its sessions, some kilobytes each. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** The events of a stream that `SseStream` writes. @throws the signal's reason when it is aborted */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<ReadEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of chunksOf(body, signal)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MOST_CHARACTERS) throw new Error('an event is too long');
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      yield { name: fieldOf(lines, 'event: '), data: fieldOf(lines, 'data: ') ?? 'null' };
    }
  }
}

/**
 * The signal that `fetch` was given does not end a body for sure: in Node 20 it is forgotten with the
 * request, which is collected while the body is read.
 */
async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', cancel);
    // Also when whoever reads has seen enough.
    await reader.cancel().catch(() => undefined);
  }
}

function fieldOf(lines: string[], prefix: string): string | null {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? null;
}
