import { median } from '../measure/statistics.js';
import type { Row } from './results.js';

export interface Column {
  title: string;
  /** @param rows all of them */
  text(row: Row, rows: readonly Row[]): string;
}

/** A figure's median over the samples that have it. */
export function medianOf(row: Row, figure: string): number | null {
  const values = row.samples.map((sample) => sample[figure] ?? null);
  return median(values.filter((value) => value !== null));
}

/** A column of medians. */
export function column(title: string, figure: string, write: (value: number) => string): Column {
  return {
    title,
    text(row) {
      const value = medianOf(row, figure);
      return value === null ? '-' : write(value);
    },
  };
}

/** Median, and the least and most when there is more than one sample. */
export function rangeColumn(
  title: string,
  figure: string,
  write: (value: number) => string,
): Column {
  return {
    title,
    text(row) {
      const values = row.samples.map((sample) => sample[figure] ?? null);
      const known = values.filter((value) => value !== null);
      const middle = median(known);
      if (middle === null) return '-';
      if (known.length === 1) return write(middle);
      return `${write(middle)} (${write(Math.min(...known))}..${write(Math.max(...known))})`;
    },
  };
}

/** A column of a figure's median as a multiple of another peer's that did the same. */
export function ratioColumn(
  title: string,
  figure: string,
  rivalOf: (peer: string) => string | undefined,
): Column {
  return {
    title,
    text(row, rows) {
      const isRival = ({ size, operation, peer }: Row) =>
        size === row.size && operation === row.operation && peer === rivalOf(row.peer);
      const rival = rows.find(isRival);
      const own = medianOf(row, figure);
      const base = rival ? medianOf(rival, figure) : null;
      return own === null || !base ? '-' : times(own / base);
    },
  };
}

/** A column of sums over all samples. */
export function sumColumn(title: string, figure: string, write: (value: number) => string): Column {
  return {
    title,
    text({ samples }) {
      const values = samples.map((sample) => sample[figure] ?? null);
      const known = values.filter((value) => value !== null);
      return known.length === 0 ? '-' : write(known.reduce((sum, value) => sum + value, 0));
    },
  };
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

/** In units of a thousand. */
export function bytes(value: number): string {
  if (value < 1000) return `${value.toFixed(0)} B`;
  if (value < 1e6) return `${(value / 1000).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(2)} GB`;
}

export function count(value: number): string {
  return value.toFixed(0);
}

export function times(value: number): string {
  if (value >= 100) return `${value.toFixed(0)}x`;
  return `${value.toFixed(value >= 10 ? 1 : 2)}x`;
}
