import { element, svg } from '../element.js';

/** Drawn on 1000 × 100, stretched to what room there is. */
const WIDTH = 1000;
const HEIGHT = 100;
const WIDEST_BAR = 24;

interface Panel {
  label: string;
  values: number[];
  format(value: number): string;
  as: 'line' | 'bars';
}

/** One row of values with its label, from zero up to the highest; evenly, as saves come in bursts. */
export function drawPanel({ label, values, format, as }: Panel): HTMLElement {
  const highest = Math.max(...values, 1);
  const yOf = (value: number) => HEIGHT - (value / highest) * (HEIGHT - 4);
  return element(
    'div',
    { class: 'chart-panel' },
    element(
      'div',
      { class: 'chart-text' },
      element('span', {}, label),
      element('span', {}, `up to ${format(highest)}`),
    ),
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      ...(as === 'line' ? drawLine(values.map(yOf)) : drawBars(values.map(yOf))),
    ),
  );
}

/** Where a save stands, from 0 to 1. */
export function placeOf(index: number, count: number): number {
  return (index + 0.5) / Math.max(count, 1);
}

export function indexAt(place: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(place * count)));
}

function drawLine(heights: number[]): SVGElement[] {
  // From edge to edge, also for one save alone.
  const padded = [heights[0] ?? HEIGHT, ...heights, heights.at(-1) ?? HEIGHT];
  const xOf = (index: number) =>
    Math.min(Math.max(0, placeOf(index - 1, heights.length)), 1) * WIDTH;
  const points = padded.map((y, index) => `${xOf(index).toFixed(1)},${y.toFixed(1)}`).join(' ');
  return [
    svg('polygon', {
      class: 'chart-area',
      points: `0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`,
    }),
    svg('polyline', { class: 'chart-line', points, 'vector-effect': 'non-scaling-stroke' }),
  ];
}

function drawBars(heights: number[]): SVGElement[] {
  const width = Math.min((WIDTH / heights.length) * 0.6, WIDEST_BAR);
  return heights.map((height, index) => {
    const y = Math.min(height, HEIGHT - 1);
    const x = placeOf(index, heights.length) * WIDTH - width / 2;
    return svg('rect', { class: 'chart-bar', x, y, width, height: HEIGHT - y });
  });
}
