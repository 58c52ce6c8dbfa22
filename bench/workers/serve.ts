import { nowIdle } from '../measure/work.js';

/** What a worker can be asked: each takes one value that goes through JSON and gives another. */
export type Commands = Record<string, (argument: never) => Promise<unknown>>;

export interface Question {
  id: number;
  command: string;
  argument: unknown;
}

export type Answer = { id: number; result: unknown } | { id: number; error: string };

/** Answers the process that started this one, until that process lets go. */
export function serve(commands: Commands): void {
  process.on('message', ({ id, command, argument }: Question) => {
    const run = commands[command] as ((argument: unknown) => Promise<unknown>) | undefined;
    const answer = (message: Answer) => process.send?.(message);
    const result = run ? run(argument) : Promise.reject(new Error(`no command "${command}"`));
    result.then(
      (value) => answer({ id, result: value }),
      (error: unknown) =>
        answer({ id, error: error instanceof Error ? error.message : `${error}` }),
    );
  });
  process.once('disconnect', () => process.exit());
  nowIdle();
  process.send?.({ ready: true });
}
