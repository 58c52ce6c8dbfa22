import { ApiError } from '../api-error.js';
import { SseStream, type SseStreamOptions } from './sse-stream.js';

const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ': still here\n\n';

export interface StreamOptions extends SseStreamOptions {
  /** What the streams are counted under. */
  kind: string;
  /** When it ends at the latest, in milliseconds since 1970. */
  endsAt: number | null;
}

/** All streams of events that are open: bounded, kept alive, and ended with the server. */
export class OpenStreams {
  readonly #streams = new Map<SseStream, { kind: string; endsAt: number | null }>();
  readonly #most: Record<string, number>;
  readonly #timer: NodeJS.Timeout;

  /** @param most how many of each kind there may be */
  constructor(most: Record<string, number>) {
    this.#most = most;
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  /** @throws {ApiError} TOO_MANY_STREAMS */
  open({ kind, endsAt, whole, onEnd }: StreamOptions): SseStream {
    const open = [...this.#streams.values()].filter((stream) => stream.kind === kind).length;
    const most = this.#most[kind] ?? 0;
    if (open >= most) {
      throw new ApiError(
        429,
        'TOO_MANY_STREAMS',
        `${most} streams of events are open already. Close some, or read from another worker.`,
        { retryAfterS: 30 },
      );
    }
    const stream: SseStream = new SseStream({
      whole,
      onEnd: () => {
        this.#streams.delete(stream);
        onEnd();
      },
    });
    this.#streams.set(stream, { kind, endsAt });
    return stream;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of [...this.#streams.keys()]) stream.close();
  }

  #beat(): void {
    for (const [stream, { endsAt }] of [...this.#streams]) {
      if (endsAt !== null && endsAt <= Date.now()) stream.close();
      else stream.send(HEARTBEAT);
    }
  }
}
