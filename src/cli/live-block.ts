import type { WriteStream } from 'node:tty';
import { widthOf } from './terminal-qr.js';

/** Lines at the end of a terminal that are drawn over in place. */
export class LiveBlock {
  readonly #terminal: WriteStream;
  #height = 0;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Whether a block of these lines can be drawn over: what has scrolled away cannot. */
  fits(lines: string[]): boolean {
    return lines.length < this.#terminal.rows && this.hasWidth(lines);
  }

  hasWidth(lines: string[]): boolean {
    return lines.every((line) => widthOf(line) <= this.#terminal.columns);
  }

  draw(lines: string[]): void {
    this.#terminal.write(`${this.#upAndClear()}${lines.join('\n')}\n`);
    this.#height = lines.length;
  }

  clear(): void {
    this.#terminal.write(this.#upAndClear());
    this.#height = 0;
  }

  #upAndClear(): string {
    return this.#height === 0 ? '' : `\x1b[${this.#height}A\x1b[J`;
  }
}
