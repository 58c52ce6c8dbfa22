import type { Column } from './columns.js';
import type { Results, Row } from './results.js';

const FIRST_COLUMNS: Column[] = [
  { title: 'profile', text: ({ size }) => `${size} MB` },
  { title: 'what', text: ({ operation }) => operation },
  { title: 'who', text: ({ peer }) => peer },
];

/** A case's results as plain text: a table, then what failed and what was left out. */
export function writeTable(title: string, columns: Column[], results: Results): string {
  const all = [...FIRST_COLUMNS, ...columns];
  const rows = [...results.rows].sort(byOperation(results.rows));
  const measured = rows.filter((row) => row.samples.length > 0);
  const cells = measured.map((row) => all.map((each) => each.text(row, rows)));
  const lines = [all.map((each) => each.title), ...cells];
  const widths = all.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  const written = lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const table = cells.length > 0 ? [written[0], rule, ...written.slice(1)] : [];
  const notes = [...rows.flatMap(failuresOf), ...results.skipped.map((what) => `skipped: ${what}`)];
  return [title, '='.repeat(title.length), ...table, ...notes, ''].join('\n');
}

/** Those that did the same stand beside each other. */
function byOperation(rows: Row[]): (a: Row, b: Row) => number {
  const order = [...new Set(rows.map(({ size, operation }) => `${size} ${operation}`))];
  const at = ({ size, operation }: Row) => order.indexOf(`${size} ${operation}`);
  return (a, b) => at(a) - at(b);
}

function failuresOf({ size, peer, operation, samples, failures }: Row): string[] {
  if (failures.length === 0) return [];
  const total = samples.length + failures.length;
  const reasons = [...new Set(failures)].join('; ');
  return [`failed: ${peer}, ${operation}, ${size} MB: ${failures.length} of ${total}: ${reasons}`];
}
