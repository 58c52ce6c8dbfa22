import { median } from '../../bench/measure/statistics.js';

export interface Spread {
  count: number;
  median: number | null;
  worst: number | null;
}

export function spread(values: readonly (number | null)[]): Spread {
  const known = values.filter((value) => value !== null);
  return {
    count: known.length,
    median: median(known),
    worst: known.length === 0 ? null : Math.max(...known),
  };
}

export function describeSpread({ count, median, worst }: Spread): string {
  if (median === null || worst === null) return '–';
  return `median ${Math.round(median)} ms, worst ${Math.round(worst)} ms (${count})`;
}
