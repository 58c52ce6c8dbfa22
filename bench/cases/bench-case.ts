import type { Options } from '../options.js';
import type { Column } from '../report/columns.js';
import type { Results } from '../report/results.js';

export interface Bench {
  options: Options;
  /** Version of the browser. */
  chromium: string;
  /** Says on the terminal what is being done. */
  say(what: string): void;
}

export interface BenchCase {
  title: string;
  columns: Column[];
  run(bench: Bench, results: Results): Promise<void>;
}
