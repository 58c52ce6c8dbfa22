import { formatBytes, formatDuration } from './format.js';

/** Nothing is shown before this. */
const PATIENCE_MS = 1000;
const REDRAW_MS = 100;
const WIDTH = 24;

/** A bar on standard error for what takes longer than a second; for people at a terminal only. */
export class Progress {
  readonly #isSilent: boolean;
  readonly #isShown: boolean;
  readonly #out: NodeJS.WriteStream;
  #label = '';
  #since = 0;
  #drawnAt = 0;

  constructor(options: { isSilent: boolean; out?: NodeJS.WriteStream }) {
    this.#out = options.out ?? process.stderr;
    this.#isSilent = options.isSilent;
    this.#isShown = !options.isSilent && this.#out.isTTY === true;
  }

  /** @param state in bytes */
  update(label: string, state: { done: number; total: number }): void {
    if (!this.#isShown) return;
    const now = performance.now();
    if (label !== this.#label) [this.#label, this.#since] = [label, now];
    if (now - this.#since < PATIENCE_MS || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#out.write(`\r${this.#line(state, now - this.#since)}\x1b[K`);
  }

  /** A line that says why it takes a while; scripts without a terminal get it too. */
  note(text: string): void {
    if (this.#isSilent) return;
    this.close();
    this.#out.write(`${text}\n`);
  }

  /** Wipes the bar. */
  close(): void {
    if (this.#drawnAt > 0) this.#out.write('\r\x1b[K');
    this.#drawnAt = 0;
  }

  #line({ done, total }: { done: number; total: number }, elapsedMs: number): string {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(share * WIDTH);
    const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
    const rate = formatBytes((done / elapsedMs) * 1000);
    const left = share > 0 ? formatDuration((elapsedMs / share) * (1 - share)) : 'unknown';
    return `${this.#label} [${bar}] ${Math.floor(share * 100)} %, ${rate}/s, ${left} left`;
  }
}
