import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { workerScript } from '../paths.js';
import type { Answer, Commands } from './serve.js';

type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Result<F> = F extends (argument: never) => Promise<infer R> ? R : never;

/** A process of its own that does what is measured; see {@link serve}. */
export class Worker<C extends Commands> {
  #lastId = 0;
  #waiting = new Map<number, (answer: Answer) => void>();
  #ended: string | undefined;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once('exit', (code, signal) => {
      this.#ended = `the process that does it ended with ${signal ?? code}`;
      for (const [id, answer] of this.#waiting) answer({ id, error: this.#ended });
    });
  }

  /** Resolves once the process has loaded everything. */
  static async start<C extends Commands>(
    name: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Worker<C>> {
    const child = fork(workerScript(name), { env: { ...process.env, ...env }, stdio: 'pipe' });
    const errors: Buffer[] = [];
    child.stderr?.on('data', (data: Buffer) => errors.push(data));
    child.stdout?.resume();
    const exited = once(child, 'exit').then(() => 'exited');
    if ((await Promise.race([once(child, 'message'), exited])) === 'exited') {
      const text = Buffer.concat(errors).toString();
      throw new Error(/^\w*Error.*$/m.exec(text)?.[0] ?? `${name} could not be started: ${text}`);
    }
    return new Worker<C>(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async call<K extends keyof C & string>(
    command: K,
    argument: Argument<C[K]>,
  ): Promise<Result<C[K]>> {
    if (this.#ended !== undefined) throw new Error(this.#ended);
    const id = ++this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.child.send({ id, command, argument });
    const answer = await answered;
    if ('error' in answer) throw new Error(answer.error);
    return answer.result as Result<C[K]>;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
