/** Figures of one measurement by their names; null: not told here, or without meaning. */
export type Figures = Record<string, number | null>;

/** One line of a table: one peer doing one thing, as often as it was measured. */
export interface Row {
  /** Megabytes of IndexedDB in the profile. */
  size: number;
  peer: string;
  operation: string;
  samples: Figures[];
  /** Why it could not be done, for each time it could not. */
  failures: string[];
}

/** What one case has measured, in the order it was measured. */
export class Results {
  readonly rows: Row[] = [];
  /** What was left out, and why. */
  readonly skipped: string[] = [];

  add(row: Pick<Row, 'size' | 'peer' | 'operation'>, figures: Figures): void {
    this.#row(row).samples.push(figures);
  }

  fail(row: Pick<Row, 'size' | 'peer' | 'operation'>, error: unknown): void {
    this.#row(row).failures.push(error instanceof Error ? error.message : String(error));
  }

  skip(what: string): void {
    if (!this.skipped.includes(what)) this.skipped.push(what);
  }

  #row({ size, peer, operation }: Pick<Row, 'size' | 'peer' | 'operation'>): Row {
    const isIt = (row: Row) =>
      row.size === size && row.peer === peer && row.operation === operation;
    const known = this.rows.find(isIt);
    if (known) return known;
    const row: Row = { size, peer, operation, samples: [], failures: [] };
    this.rows.push(row);
    return row;
  }
}
