export interface ReadEvent {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server said.
  data: any;
}

/** Reads server-sent events. */
export class EventReader {
  readonly events: ReadEvent[] = [];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(response: Response) {
    if (response.body === null) throw new Error('there is no stream');
    this.#reader = response.body.getReader();
    this.ended = this.#read().catch(() => undefined);
  }

  /** The first event, from now or before, for which this is true. */
  async until(name: string, isIt: (data: ReadEvent['data']) => boolean = () => true) {
    for (;;) {
      const found = this.events.find((event) => event.name === name && isIt(event.data));
      if (found !== undefined) return found.data;
      if (this.#isOver) throw new Error(`the stream ended without ${name}: ${this.names}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#note(block);
        this.#wake();
      }
    } finally {
      this.#isOver = true;
      this.#wake();
    }
  }

  #note(block: string): void {
    const [, name] = /^event: (.*)$/m.exec(block) ?? [];
    const [, data] = /^data: (.*)$/m.exec(block) ?? [];
    if (name !== undefined && data !== undefined)
      this.events.push({ name, data: JSON.parse(data) });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
