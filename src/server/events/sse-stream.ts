/** What a reader may be behind, in characters, before it is told everything anew instead. */
const MOST_PENDING = 1_000_000;

export interface SseStreamOptions {
  /** What is said first, and again when the reader was too slow to be told of each event. */
  whole(): string;
  onEnd(): void;
}

export function sseText(event: string, data: unknown): string {
  // JSON has no line ends: nothing in the data can begin another field.
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** One reader of server-sent events. */
export class SseStream {
  readonly response: Response;
  readonly #options: SseStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #pending: string[] = [];
  #pendingSize = 0;
  #hasGap = false;

  constructor(options: SseStreamOptions) {
    this.#options = options;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#flush(),
        cancel: () => this.#end(),
      },
      { highWaterMark: 1 },
    );
    this.response = new Response(body, {
      headers: {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        // Proxies such as nginx would gather what is to be sent at once.
        'X-Accel-Buffering': 'no',
      },
    });
    this.send(options.whole());
  }

  /** @param text of `sseText`, or a comment */
  send(text: string): void {
    if (this.#controller === null || this.#hasGap) return;
    this.#pending.push(text);
    this.#pendingSize += text.length;
    if ((this.#controller.desiredSize ?? 0) > 0) this.#flush();
    else if (this.#pendingSize > MOST_PENDING) this.#hasGap = true;
  }

  close(): void {
    const controller = this.#controller;
    if (controller === null) return;
    this.#flush();
    this.#end();
    controller.close();
  }

  #flush(): void {
    if (this.#pendingSize === 0) return;
    const text = this.#hasGap ? this.#options.whole() : this.#pending.join('');
    this.#pending = [];
    this.#pendingSize = 0;
    this.#hasGap = false;
    this.#controller?.enqueue(Buffer.from(text));
  }

  #end(): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.#options.onEnd();
  }
}
