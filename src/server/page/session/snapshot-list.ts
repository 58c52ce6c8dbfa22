import type { SessionView } from '../../../fleet/session-view.js';
import { announce } from '../announce.js';
import type { App } from '../app.js';
import { button } from '../controls.js';
import { openExportDialog } from '../dialogs/export.js';
import { openRestoreDialog } from '../dialogs/restore.js';
import { element, setText } from '../element.js';
import { api, type CheckResult, type Snapshot } from '../live/api.js';
import { messageOf } from '../live/request.js';
import { placeInOrder } from '../place-in-order.js';
import { formatBytes, formatCount, formatDuration } from '../words/sizes.js';
import { SnapshotRow } from './snapshot-row.js';

/** Saves may come every second; the list need not. */
const AT_MOST_EVERY_MS = 3000;

/** The snapshots in the store: whether they are whole, and the way back to an earlier one. */
export class SnapshotList {
  readonly node: HTMLElement;
  readonly #app: App;
  readonly #id: string;
  readonly #body = element('tbody', { role: 'rowgroup' });
  readonly #stored = element('p', { class: 'second' });
  readonly #result = element('p', { class: 'check-result' });
  readonly #check = button('Check now', () => void this.#runCheck());
  readonly #rows = new Map<number, SnapshotRow>();
  #newest: number | null = null;
  #loading: ReturnType<typeof setTimeout> | undefined;
  #isChecking = false;

  constructor(app: App, id: string) {
    this.#app = app;
    this.#id = id;
    const columns = ['Snapshot', 'Saved', 'Size', 'Browser', 'Checked'];
    if (app.role === 'admin') columns.push('Actions');
    const heading = (label: string) => element('th', { role: 'columnheader', scope: 'col' }, label);
    this.node = element(
      'div',
      { class: 'snapshots' },
      element(
        'div',
        { class: 'section-tools' },
        this.#stored,
        this.#check,
        app.role === 'admin' && button('Export', () => openExportDialog(id)),
      ),
      this.#result,
      element(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'All snapshots' },
        element(
          'table',
          { class: 'plain stacked', role: 'table', 'aria-label': 'Snapshots' },
          element(
            'thead',
            { role: 'rowgroup' },
            element('tr', { role: 'row' }, ...columns.map(heading)),
          ),
          this.#body,
        ),
      ),
    );
  }

  /** Asks anew if the session has been saved since. */
  update({ lastSave }: SessionView): void {
    const newest = lastSave?.sequence ?? 0;
    if (newest === this.#newest) return;
    const isFirst = this.#newest === null;
    this.#newest = newest;
    if (isFirst) void this.load();
    else this.#loading ??= setTimeout(() => void this.load(), AT_MOST_EVERY_MS);
  }

  async load(): Promise<void> {
    clearTimeout(this.#loading);
    this.#loading = undefined;
    try {
      const { snapshots, storedBytes } = await api.snapshots(this.#id);
      setText(
        this.#stored,
        `${formatCount(snapshots.length, 'snapshot')}, ${formatBytes(storedBytes)} in the store`,
      );
      this.#show(snapshots);
    } catch (error) {
      setText(this.#stored, messageOf(error));
    }
  }

  end(): void {
    clearTimeout(this.#loading);
  }

  #show(snapshots: Snapshot[]): void {
    const rows = snapshots.map((snapshot, index) => {
      const { sequence } = snapshot;
      const known = this.#rows.get(sequence);
      const row = known ?? new SnapshotRow(snapshot, () => openRestoreDialog(this.#id, snapshot));
      this.#rows.set(sequence, row);
      row.setPlace({ isNewest: index === 0, mayRestore: this.#app.role === 'admin' });
      return row;
    });
    const kept = new Set(snapshots.map(({ sequence }) => sequence));
    for (const sequence of [...this.#rows.keys()]) {
      if (!kept.has(sequence)) this.#rows.delete(sequence);
    }
    placeInOrder(
      this.#body,
      rows.map(({ node }) => node),
    );
  }

  async #runCheck(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#check.setAttribute('aria-disabled', 'true');
    this.#say('Reading every snapshot from the store…', '');
    try {
      const result = await api.check(this.#id);
      await this.load();
      for (const one of result.snapshots) this.#rows.get(one.sequence)?.setResult(one);
      this.#say(summarize(result), result.isWhole ? 'good' : 'bad');
    } catch (error) {
      this.#say(messageOf(error), 'bad');
    } finally {
      this.#isChecking = false;
      this.#check.removeAttribute('aria-disabled');
    }
  }

  #say(text: string, tone: string): void {
    this.#result.className = `check-result ${tone}`;
    setText(this.#result, text);
    announce(text);
  }
}

function summarize({ isWhole, snapshots, durationMs }: CheckResult): string {
  const took = `Checked in ${formatDuration(durationMs)}.`;
  const { length } = snapshots;
  if (isWhole)
    return `${length === 1 ? 'The snapshot is' : `All ${length} snapshots are`} whole. ${took}`;
  const broken = snapshots.filter((snapshot) => !snapshot.isWhole).length;
  const isOrAre = broken === 1 ? 'is' : 'are';
  return `${broken} of ${formatCount(length, 'snapshot')} ${isOrAre} not whole. ${took}`;
}
