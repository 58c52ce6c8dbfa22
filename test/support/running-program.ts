import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const preload = path.join(import.meta.dirname, 'stand-in-preload.cjs');

export interface ProgramOptions {
  /** Leads the browsers that the program starts to a stand-in. */
  launchArgs?: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** A node program in a process of its own, and what it prints. */
export class RunningProgram {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  /** The exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(file: string, args: string[], options: ProgramOptions = {}) {
    this.#child = spawn(process.execPath, ['--require', preload, file, ...args], {
      cwd: options.cwd,
      env: {
        ...process.env,
        ...options.env,
        TEST_LAUNCH_ARGS: JSON.stringify(options.launchArgs ?? []),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#collect(this.#child.stdout, this.lines);
    this.#collect(this.#child.stderr, this.errors);
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get output(): string {
    return this.lines.join('\n');
  }

  async untilOutput(pattern: RegExp): Promise<void> {
    await this.until(`output like ${pattern}`, () => pattern.test(this.output));
  }

  /** Resolves when `isMet`, which is asked at each line. Rejects when the program ends before. */
  async until(what: string, isMet: () => boolean): Promise<void> {
    while (!isMet()) {
      const line = new Promise<'line'>((resolve) => {
        const listener = () => {
          this.#listeners.delete(listener);
          resolve('line');
        };
        this.#listeners.add(listener);
      });
      const isOver = (await Promise.race([line, this.ended])) !== 'line';
      if (isOver && !isMet()) {
        const printed = [...this.lines, ...this.errors].join('\n');
        throw new Error(`The program ended without ${what}. It printed:\n${printed}`);
      }
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  #collect(stream: NodeJS.ReadableStream | null, into: string[]): void {
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      into.push(line);
      for (const listener of this.#listeners) listener();
    });
  }
}
