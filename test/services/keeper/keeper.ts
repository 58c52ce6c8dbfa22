import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../project.js';
import type { ServerUser } from './server-user.js';

const keeperProgram = path.join(projectRoot, 'test', 'services', 'keeper', 'keeper.mjs');
const logTailBytes = 2_000;

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  user?: ServerUser | undefined;
  /** How it is ended. What a server here keeps is thrown away, so the fastest way is the default. */
  stopSignal?: NodeJS.Signals;
}

/** A process that a keeper runs. */
export class KeptProcess {
  /** The exit code, or what ended it otherwise. */
  readonly ended: Promise<number | string>;
  /** Undefined while it runs. */
  end: number | string | undefined;
  readonly name: string;
  readonly #log: string;
  #settle: (end: number | string) => void = () => {};

  constructor(name: string, log: string) {
    this.name = name;
    this.#log = log;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  output(): string {
    try {
      return readFileSync(this.#log, 'utf8');
    } catch {
      return '';
    }
  }

  /** The end of what it wrote, as part of an error's message. */
  lastWords(): string {
    const words = this.output().trim().slice(-logTailBytes);
    return words === '' ? `${this.name} wrote nothing.` : `${this.name} wrote:\n${words}`;
  }

  settle(end: number | string): void {
    this.end ??= end;
    this.#settle(end);
  }
}

/** Runs processes that end when this process ends, in a folder that is removed then. */
export class Keeper {
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #processes: KeptProcess[] = [];
  readonly #gone: Promise<unknown>;

  static async start(folder: string): Promise<Keeper> {
    const keeper = new Keeper(folder);
    await keeper.#ready;
    return keeper;
  }

  readonly #ready: Promise<void>;

  private constructor(folder: string) {
    this.folder = folder;
    this.#child = spawn(process.execPath, [keeperProgram, folder], {
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error('A keeper has no pipes.');
    stdin.on('error', () => {});
    const lines = createInterface({ input: stdout });
    this.#ready = new Promise((resolve, reject) => {
      lines.once('line', () => resolve());
      this.#child.once('error', reject);
      this.#child.once('exit', () => reject(new Error(`No keeper could be started in ${folder}.`)));
    });
    lines.on('line', (line) => this.#hear(line));
    this.#gone = once(this.#child, 'close').then(() => {
      for (const kept of this.#processes) kept.settle('its keeper ended');
    });
    this.#gone.catch(() => {});
  }

  /** Starts a program that goes on until the keeper ends. */
  run(program: string, args: string[], options: RunOptions = {}): KeptProcess {
    const name = path.basename(program);
    const id = this.#processes.length;
    const log = path.join(this.folder, `${id}-${name}.log`);
    const kept = new KeptProcess(name, log);
    this.#processes.push(kept);
    const { env = process.env, user, stopSignal = 'SIGKILL' } = options;
    this.#child.stdin?.write(
      `${JSON.stringify({ id, program, args, env, user, log, stopSignal })}\n`,
    );
    return kept;
  }

  /** Runs a program to its end and gives what it wrote. Throws when it fails. */
  async finish(program: string, args: string[], options: RunOptions = {}): Promise<string> {
    const kept = this.run(program, args, options);
    const end = await kept.ended;
    if (end === 0) return kept.output();
    throw new Error(`${kept.name} ended with ${end}. ${kept.lastWords()}`);
  }

  /** From here on this process may end by itself: its keeper does not hold it. */
  unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout]) {
      if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') {
        stream.unref();
      }
    }
  }

  /** Ends what runs and removes the folder. */
  async end(): Promise<void> {
    this.#child.ref();
    this.#child.stdin?.end();
    await this.#gone;
  }

  #hear(line: string): void {
    const { id, ended } = JSON.parse(line) as { id?: number; ended?: number | string };
    if (id !== undefined && ended !== undefined) this.#processes[id]?.settle(ended);
  }
}
