import { svg } from '../element.js';

export const PANEL_WIDTH = 640;
const TEXT_HEIGHT = 18;
const HEIGHT = 70;
const WIDEST_BAR = 14;

interface Panel {
  top: number;
  label: string;
  values: number[];
  format(value: number): string;
  as: 'line' | 'bars';
}

/** Where the values stand: evenly, as saves come in bursts with hours between. */
export function stepOf(count: number) {
  const step = PANEL_WIDTH / Math.max(count, 1);
  return {
    step,
    xOf: (index: number) => (index + 0.5) * step,
    indexAt: (x: number) => Math.min(count - 1, Math.max(0, Math.floor(x / step))),
  };
}

/** One row of values with its label, from zero up to the highest. */
export function drawPanel({ top, label, values, format, as }: Panel): SVGGElement {
  const highest = Math.max(...values, 1);
  const floor = top + TEXT_HEIGHT + HEIGHT;
  const yOf = (value: number) => floor - (value / highest) * (HEIGHT - 2);
  return svg(
    'g',
    {},
    svg('text', { class: 'chart-text', x: 0, y: top + 11 }, label),
    svg(
      'text',
      { class: 'chart-text', x: PANEL_WIDTH, y: top + 11, 'text-anchor': 'end' },
      `up to ${format(highest)}`,
    ),
    svg('line', { class: 'chart-floor', x1: 0, x2: PANEL_WIDTH, y1: floor, y2: floor }),
    ...(as === 'line' ? drawLine(values, yOf, floor) : drawBars(values, yOf, floor)),
  );
}

function drawLine(values: number[], yOf: (value: number) => number, floor: number): SVGElement[] {
  const { xOf } = stepOf(values.length);
  const points = values.map((value, index) => `${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`);
  const [left, right] = [xOf(0).toFixed(1), xOf(values.length - 1).toFixed(1)];
  return [
    svg('polygon', {
      class: 'chart-area',
      points: `${left},${floor} ${points.join(' ')} ${right},${floor}`,
    }),
    svg('polyline', { class: 'chart-line', points: points.join(' ') }),
    ...(values.length > 30
      ? []
      : values.map((value, index) =>
          svg('circle', { class: 'chart-dot', cx: xOf(index), cy: yOf(value), r: 2.5 }),
        )),
  ];
}

function drawBars(values: number[], yOf: (value: number) => number, floor: number): SVGElement[] {
  const { step, xOf } = stepOf(values.length);
  const width = Math.min(step * 0.6, WIDEST_BAR);
  return values.map((value, index) => {
    const y = Math.min(yOf(value), floor - 1);
    const [x, height] = [xOf(index) - width / 2, floor - y];
    return svg('rect', { class: 'chart-bar', x, y, width, height });
  });
}
