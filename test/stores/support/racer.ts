import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export interface RacerOptions {
  /** Of the store. */
  url: string;
  session: string;
  termMs: number;
  env?: NodeJS.ProcessEnv | undefined;
}

/** What became of what a racer was told to do: its result, or an error's code. */
export type Answer = { done: unknown } | { failed: string };

/** A process that wants a session. */
export class Racer {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start({ url, session, termMs, env }: RacerOptions): Promise<Racer> {
    const program = path.join(import.meta.dirname, 'racer-program.mjs');
    const args = [path.resolve('dist'), url, session, `${termMs}`];
    const racer = new Racer(fork(program, args, { env: { ...process.env, ...env } }));
    onTestFinished(() => racer.end());
    const answer = await racer.#answer();
    if ('failed' in answer) throw new Error(answer.failed);
    return racer;
  }

  /** @returns what it answers */
  tell(action: 'take' | 'save', argument: string): Promise<Answer> {
    this.#child.send({ action, argument });
    return this.#answer();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #answer(): Promise<Answer> {
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the racer ended with ${code}`);
    });
    ended.catch(() => undefined);
    const [answer] = await Promise.race([once(this.#child, 'message'), ended]);
    return answer as Answer;
  }
}
