import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'dist/cli/main.js');
const preload = path.join(root, 'test/support/stand-in-preload.cjs');

export interface Line {
  event: string;
  [more: string]: unknown;
}

/** A running `holdfast …`, and what it says. */
export class RunningCommand {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  readonly exitCode: Promise<number | null>;

  constructor(args: string[], options: { launchArgs?: string[]; env?: NodeJS.ProcessEnv } = {}) {
    this.#child = spawn(process.execPath, ['--require', preload, main, ...args], {
      env: {
        ...process.env,
        ...options.env,
        TEST_LAUNCH_ARGS: JSON.stringify(options.launchArgs ?? []),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (stream: NodeJS.ReadableStream | null, into: string[]) => {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => {
        into.push(line);
        for (const listener of this.#listeners) listener();
      });
    };
    collect(this.#child.stdout, this.lines);
    collect(this.#child.stderr, this.errors);
    this.exitCode = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  get output(): string {
    return this.lines.join('\n');
  }

  get events(): Line[] {
    return this.lines.map((line) => JSON.parse(line) as Line);
  }

  /** The first event of this name that was or will be said after the `from`-th line. */
  async untilEvent(name: string, from = 0): Promise<Line> {
    for (;;) {
      const found = this.events.slice(from).find(({ event }) => event === name);
      if (found) return found;
      const next = new Promise<'line'>((resolve) => {
        const listener = () => {
          this.#listeners.delete(listener);
          resolve('line');
        };
        this.#listeners.add(listener);
      });
      if ((await Promise.race([next, this.exitCode])) !== 'line') {
        throw new Error(`The command ended without "${name}":\n${this.output}\n${this.errors}`);
      }
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}
