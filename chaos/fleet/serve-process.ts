import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onEnd } from '../../bench/cleanup.js';
import { root } from '../../bench/paths.js';
import { browserGroupsOf, killGroup } from '../processes.js';

/** What a worker of the fleet is started with. */
export interface ServeSettings {
  storeUrl: string;
  port: number;
  /** Its disk: the folders `data` and `tmp` lie in it. */
  disk: string;
  capacity: number;
  leaseTermMs: number;
  /** Lead its browsers to the stand-in. */
  browserArgs: string[];
  secrets: Record<string, string>;
}

const KEPT_OUTPUT = 20_000;
/** Loaded ahead of the command, which has no option for the browser's arguments. */
const PRELOAD = path.join(root, 'test', 'support', 'stand-in-preload.cjs');

const running = new Set<ServeProcess>();
onEnd(() => {
  for (const worker of running) worker.killAll();
});

/** A running `holdfast serve`, as the one who strikes it sees it. */
export class ServeProcess {
  readonly address: string;
  readonly exited: Promise<void>;
  /** All browsers that were seen to be its own. */
  readonly browsers = new Set<number>();
  /** The end of what it has said. */
  output = '';
  hasExited = false;
  isPaused = false;
  exitCode: number | null = null;
  readonly #child: ChildProcess;

  constructor(
    readonly settings: ServeSettings,
    onOutput: (text: string, worker: ServeProcess) => void,
  ) {
    const { storeUrl, port, disk, capacity, leaseTermMs, browserArgs, secrets } = settings;
    this.address = `http://127.0.0.1:${port}`;
    const options = {
      '--store': storeUrl,
      '--port': port,
      '--address': this.address,
      '--capacity': capacity,
      '--data-path': path.join(disk, 'data'),
      '--lease-term': leaseTermMs,
      '--log': 'json',
    };
    const command = Object.entries(options).flatMap(([name, value]) => [name, String(value)]);
    const main = path.join(root, 'dist', 'cli', 'main.js');
    this.#child = spawn(process.execPath, ['--require', PRELOAD, main, 'serve', ...command], {
      env: {
        ...process.env,
        ...secrets,
        TMPDIR: path.join(disk, 'tmp'),
        TEST_LAUNCH_ARGS: JSON.stringify(browserArgs),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output = (this.output + data).slice(-KEPT_OUTPUT);
        onOutput(String(data), this);
      });
    }
    this.exited = once(this.#child, 'exit').then(([code]) => {
      this.hasExited = true;
      this.exitCode = code;
      running.delete(this);
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('a worker could not be started');
    return this.#child.pid;
  }

  /** Neither ended nor paused. */
  get isActive(): boolean {
    return !this.hasExited && !this.isPaused;
  }

  /** Notes and returns the groups of its browsers. */
  findBrowsers(): Set<number> {
    if (!this.hasExited) for (const group of browserGroupsOf(this.pid)) this.browsers.add(group);
    return this.browsers;
  }

  pause(): void {
    this.findBrowsers();
    this.isPaused = true;
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.isPaused = false;
    this.#child.kill('SIGCONT');
  }

  async killNode(): Promise<void> {
    this.findBrowsers();
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  killAll(): void {
    for (const group of this.findBrowsers()) killGroup(group);
    this.#child.kill('SIGKILL');
  }

  /** Asks it to end properly. @returns after how many milliseconds it has; null: it had to be killed */
  async end(patienceMs: number): Promise<number | null> {
    this.findBrowsers();
    const askedAt = Date.now();
    this.#child.kill('SIGTERM');
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = true;
      this.killAll();
    }, patienceMs);
    await this.exited;
    clearTimeout(timer);
    return isKilled ? null : Date.now() - askedAt;
  }
}
