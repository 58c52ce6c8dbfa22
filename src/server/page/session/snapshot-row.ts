import { button } from '../controls.js';
import { element, setText, unseen } from '../element.js';
import type { CheckResult, Snapshot } from '../live/api.js';
import { formatBytes } from '../words/sizes.js';
import { formatDateTime } from '../words/times.js';

export class SnapshotRow {
  readonly node: HTMLTableRowElement;
  readonly #result = cell('result', 'Not yet');
  readonly #restore: HTMLButtonElement;
  readonly #newest = element('span', { class: 'second' }, 'The newest');
  readonly #action = cell('actions');

  constructor({ sequence, savedAt, size, browserVersion }: Snapshot, onRestore: () => void) {
    this.#restore = button('Go back', onRestore);
    this.#restore.append(unseen(`to snapshot ${sequence}`));
    this.#action.append(this.#restore, this.#newest);
    this.node = element(
      'tr',
      { role: 'row' },
      element('th', { role: 'rowheader', scope: 'row' }, String(sequence)),
      cell('saved', formatDateTime(savedAt)),
      cell('size', size === null ? '' : formatBytes(size)),
      cell('browser', majorOf(browserVersion)),
      this.#result,
    );
  }

  /** The newest is what there is: nobody goes back to it. */
  setPlace({ isNewest, mayRestore }: { isNewest: boolean; mayRestore: boolean }): void {
    if (mayRestore && !this.#action.isConnected) this.node.append(this.#action);
    this.#restore.hidden = isNewest;
    this.#newest.hidden = !isNewest;
  }

  setResult({ isWhole, problem }: CheckResult['snapshots'][number]): void {
    this.#result.className = `col-result ${isWhole ? 'good' : 'bad'}`;
    setText(this.#result, isWhole ? 'Whole' : `Not whole: ${problem ?? 'it does not open'}`);
  }
}

/** The first number tells which browsers open it. */
function majorOf(version: string | null): string {
  const major = /\d+/.exec(version ?? '')?.[0];
  return major === undefined ? '' : `Version ${major}`;
}

function cell(name: string, text = ''): HTMLTableCellElement {
  return element('td', { role: 'cell', class: `col-${name}` }, text);
}
