/** What one of server-sent events says; a heartbeat has no name. */
export interface ReadEvent {
  name: string | null;
  data: string;
}

/** No worker says more at once: all its sessions, some kilobytes each. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** The events of a stream that `SseStream` writes. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MOST_CHARACTERS) throw new Error('an event is too long');
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      yield { name: fieldOf(lines, 'event: '), data: fieldOf(lines, 'data: ') ?? 'null' };
    }
  }
}

function fieldOf(lines: string[], prefix: string): string | null {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? null;
}
