import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const here = path.dirname(fileURLToPath(import.meta.url));
const DIST = path.resolve(process.env.HOLDFAST_BUILD ?? 'dist');

export interface HolderOptions {
  folder: string;
  session: string;
  termMs: number;
  /** What the program is started by, such as `unshare`. */
  through?: string[];
  withBrowser?: boolean;
}

/** A process that holds a session, until it is killed. */
export class Holder {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error('the holder has no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  static async start(options: HolderOptions): Promise<Holder> {
    const { folder, session, termMs, through = [], withBrowser = false } = options;
    const program = path.join(here, 'holder-program.mjs');
    const command = [...through, process.execPath, program, DIST, folder, session, String(termMs)];
    if (withBrowser) command.push(path.join(here, 'sleeper.mjs'));
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const holder = new Holder(child);
    onTestFinished(() => holder.end());
    await holder.until(/^held/);
    return holder;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The pid of its "browser". */
  get browser(): number {
    return Number(this.lines.find((line) => line.startsWith('held'))?.split(' ')[1]);
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`it ended; lines: ${this.lines.join()}`);
      await Promise.race([
        new Promise<void>((resolve) => this.#waiting.add(resolve)),
        once(this.#child, 'exit'),
      ]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
