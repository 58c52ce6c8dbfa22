import type { Happening } from '../../../fleet/session-view.js';
import { element, setAttribute, setText } from '../element.js';
import { formatBytes, formatDuration } from '../words/sizes.js';
import { formatShortTime } from '../words/times.js';
import { drawPanel, indexAt, placeOf } from './chart-panel.js';
import type { Save } from './happening-words.js';

const SHOWN = 60;

/** How large the profile was at each save, and how long the save took: drawn, and as a table. */
export class SaveChart {
  readonly node = element('div', { class: 'chart' });
  readonly #drawing = element('div', { class: 'chart-drawing', role: 'img' });
  readonly #cursor = element('div', { class: 'chart-cursor', hidden: true });
  readonly #reading = element('p', { class: 'chart-reading', 'aria-hidden': 'true' });
  readonly #body = element('tbody');
  readonly #table: HTMLDetailsElement;
  readonly #empty = element('p', { class: 'empty' }, 'Nothing has been saved yet.');
  #saves: Save[] = [];

  constructor() {
    const heading = (label: string) => element('th', { scope: 'col' }, label);
    this.#table = element(
      'details',
      {},
      element('summary', {}, 'As a table'),
      element(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'All saves' },
        element(
          'table',
          { class: 'plain' },
          element(
            'thead',
            {},
            element('tr', {}, ...['Snapshot', 'Saved', 'Size', 'Sent', 'Took'].map(heading)),
          ),
          this.#body,
        ),
      ),
    );
    this.node.append(this.#drawing, this.#reading, this.#empty, this.#table);
    this.#table.addEventListener('toggle', () => this.#fillTable());
    this.#drawing.addEventListener('pointermove', (event) => this.#read(event.clientX));
    this.#drawing.addEventListener('pointerleave', () => this.#tellLast());
  }

  update(happenings: readonly Happening[]): void {
    const saves = happenings.filter((happening) => happening.what === 'saved').slice(-SHOWN);
    if (saves.at(-1) === this.#saves.at(-1) && saves.length === this.#saves.length) {
      this.#showNothing(saves.length === 0);
      return;
    }
    this.#saves = saves;
    this.#showNothing(saves.length === 0);
    this.#draw();
    this.#fillTable();
    this.#tellLast();
  }

  #showNothing(isEmpty: boolean): void {
    this.#empty.hidden = !isEmpty;
    for (const node of [this.#drawing, this.#reading, this.#table]) node.hidden = isEmpty;
  }

  #draw(): void {
    const saves = this.#saves;
    const [first, last] = [saves[0], saves.at(-1)];
    if (!first || !last) return;
    const sizes = saves.map(({ size }) => size ?? 0);
    const times = saves.map(({ durationMs }) => durationMs);
    setAttribute(this.#drawing, 'aria-label', summarize(saves));
    this.#drawing.replaceChildren(
      drawPanel({ label: 'Size of the profile', values: sizes, format: formatBytes, as: 'line' }),
      drawPanel({ label: 'Time a save took', values: times, format: formatDuration, as: 'bars' }),
      element(
        'div',
        { class: 'chart-text' },
        element('span', {}, formatShortTime(first.at)),
        element('span', {}, formatShortTime(last.at)),
      ),
      this.#cursor,
    );
  }

  /** What the save under the pointer was. */
  #read(clientX: number): void {
    const { left, width } = this.#drawing.getBoundingClientRect();
    const count = this.#saves.length;
    const index = indexAt((clientX - left) / width, count);
    const save = this.#saves[index];
    if (!save) return;
    setText(this.#reading, readingOf(save));
    this.#cursor.hidden = false;
    this.#cursor.style.left = `${placeOf(index, count) * 100}%`;
  }

  #tellLast(): void {
    const last = this.#saves.at(-1);
    setText(this.#reading, last ? readingOf(last) : '');
    this.#cursor.hidden = true;
  }

  #fillTable(): void {
    if (!this.#table.open) return;
    const rows = this.#saves.map(({ sequence, at, size, bytesSent, durationMs }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, String(sequence)),
        element('td', {}, formatShortTime(at)),
        element('td', {}, size === null ? '' : formatBytes(size)),
        element('td', {}, formatBytes(bytesSent)),
        element('td', {}, formatDuration(durationMs)),
      ),
    );
    this.#body.replaceChildren(...rows.reverse());
  }
}

function readingOf({ at, sequence, size, bytesSent, durationMs }: Save): string {
  const profile = size === null ? '' : `, profile ${formatBytes(size)}`;
  return `${formatShortTime(at)}: snapshot ${sequence}${profile}, ${formatBytes(bytesSent)} sent in ${formatDuration(durationMs)}`;
}

function summarize(saves: Save[]): string {
  const sizes = saves.flatMap(({ size }) => size ?? []);
  const longest = Math.max(...saves.map(({ durationMs }) => durationMs));
  const range =
    sizes.length === 0
      ? ''
      : ` The profile had ${formatBytes(Math.min(...sizes))} to ${formatBytes(Math.max(...sizes))}.`;
  return `The last ${saves.length} saves.${range} The longest took ${formatDuration(longest)}. The table below has all of them.`;
}
