import path from 'node:path';
import { type ProgramOptions, RunningProgram } from '../support/running-program.js';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface SaidEvent {
  event: string;
  [more: string]: unknown;
}

/** A running `holdfast …`. */
export class RunningCommand extends RunningProgram {
  constructor(args: string[], options: ProgramOptions = {}) {
    super(main, args, options);
  }

  /** What `--json` said. */
  get events(): SaidEvent[] {
    return this.lines.map((line) => JSON.parse(line) as SaidEvent);
  }

  /** The first event of this name that was or will be said after the `from`-th line. */
  async untilEvent(name: string, from = 0): Promise<SaidEvent> {
    const find = () => this.events.slice(from).find(({ event }) => event === name);
    await this.until(`the event "${name}"`, () => find() !== undefined);
    return find() as SaidEvent;
  }
}
