import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { BUILD, TEMPORARY } from './support.js';

const PATIENCE_MS = 45_000;

/**
 * A folder from which a script may `require('holdfast')`, as after `npm install`. It is the
 * script's working folder too, so that default data paths lie in it.
 */
export function installFolder(): string {
  const folder = mkdtempSync(path.join(TEMPORARY, 'app-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(path.dirname(BUILD), path.join(folder, 'node_modules', 'holdfast'));
  return folder;
}

/** How a program came to its end. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A node process whose lines of JSON on standard output, `[event, payload]`, are its events. */
export class Program {
  readonly events: [event: string, payload?: unknown][] = [];
  readonly exited: Promise<Exit>;
  stderr = '';
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #hasExited = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, 'close').then(([code, signal]) => {
      this.#hasExited = true;
      this.#changed();
      return { code, signal };
    });
    child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    if (!child.stdout) throw new Error('the program has no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('[')) this.events.push(JSON.parse(line));
      this.#changed();
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program did not start');
    return this.#child.pid;
  }

  names(): string[] {
    return this.events.map(([name]) => name);
  }

  /** The payload of the event's first time, which may be past. */
  async until<T>(event: string): Promise<T> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.events.find(([name]) => name === event);
      if (found) return found[1] as T;
      if (patience.aborted || this.#hasExited) {
        const seen = JSON.stringify(this.events);
        throw new Error(`no event "${event}"; events: ${seen}; it said: ${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        patience.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    if (!this.#hasExited) this.#child.kill('SIGKILL');
    await this.exited;
  }
}

/** Runs a CommonJS script in a process of its own; killed at the end of the test. */
export function startProgram(
  script: string,
  options: { folder?: string; env?: NodeJS.ProcessEnv; nodeArgs?: string[] } = {},
): Program {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), '-e', script], {
    cwd: options.folder ?? installFolder(),
    env: { ...process.env, TMPDIR: TEMPORARY, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = new Program(child);
  onTestFinished(() => program.end());
  return program;
}

/** Living processes of a group, such as a browser with its helpers. */
export function processesOfGroup(group: number): number[] {
  return livingProcesses().filter((pid) => Number(readStat(pid)[2]) === group);
}

/** Living processes that have this text in their environment, as started. */
export function processesWithEnvironment(text: string): number[] {
  return livingProcesses().filter((pid) => read(`/proc/${pid}/environ`).includes(text));
}

/** Waits for something that no event tells of. */
export async function until(
  what: string,
  isMet: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const giveUp = Date.now() + patienceMs;
  while (!(await isMet())) {
    if (Date.now() > giveUp) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await sleep(20);
  }
}

export function livingProcesses(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => /^[^ZX]/.test(readStat(pid)[0] ?? 'X'));
}

/** The fields of /proc/<pid>/stat after the command's name. */
function readStat(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
