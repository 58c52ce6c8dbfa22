import type { SessionView } from '../../../fleet/session-view.js';
import type { App } from '../app.js';
import { element } from '../element.js';
import { placeInOrder } from '../place-in-order.js';
import { sortControls } from './columns.js';
import { SessionRow } from './session-row.js';
import { compareBy, type Sorting } from './sorting.js';

/** The rows of the list. Rows keep their places while somebody points at them or is among them. */
export class SessionTable {
  readonly node: HTMLTableElement;
  readonly sortChoice: HTMLElement;
  readonly #app: App;
  readonly #body = element('tbody', { role: 'rowgroup', class: 'rows' });
  readonly #rows = new Map<string, SessionRow>();
  readonly #controls;
  #sorting: Sorting;
  #isOrderStale = false;

  constructor(app: App, sorting: Sorting, onSort: (sorting: Sorting) => void) {
    this.#app = app;
    this.#sorting = sorting;
    this.#controls = sortControls(app.role === 'admin', (chosen) => {
      this.#sorting = chosen;
      this.#controls.show(chosen);
      this.#order();
      onSort(chosen);
    });
    this.#controls.show(sorting);
    this.sortChoice = this.#controls.select;
    this.node = element(
      'table',
      { role: 'table', class: 'sessions', 'aria-label': 'Sessions' },
      this.#controls.head,
      this.#body,
    );
    const settle = () => {
      if (this.#isOrderStale && !this.#isInUse()) this.#order();
    };
    this.#body.addEventListener('pointerleave', settle);
    this.#body.addEventListener('focusout', () => setTimeout(settle));
  }

  /** Takes over what became of these. */
  update(ids: Iterable<string>): void {
    let isRowNew = false;
    for (const id of ids) {
      const view = this.#app.store.get(id);
      const row = this.#rows.get(id);
      if (!view) {
        row?.node.remove();
        this.#rows.delete(id);
      } else if (row) {
        this.#isOrderStale ||= compareBy(this.#sorting)(row.view, view) !== 0;
        row.update(view);
      } else {
        this.#rows.set(id, new SessionRow(this.#app, view));
        isRowNew = true;
      }
    }
    if (isRowNew || (this.#isOrderStale && !this.#isInUse())) this.#order();
  }

  /** Hides what is not wanted; answers with how many are shown. */
  narrow(isWanted: (view: SessionView) => boolean): number {
    let shown = 0;
    for (const { node, view } of this.#rows.values()) {
      node.hidden = !isWanted(view);
      if (!node.hidden) shown++;
    }
    return shown;
  }

  #order(): void {
    this.#isOrderStale = false;
    const compare = compareBy(this.#sorting);
    const rows = [...this.#rows.values()].sort((a, b) => compare(a.view, b.view));
    placeInOrder(
      this.#body,
      rows.map(({ node }) => node),
    );
  }

  #isInUse(): boolean {
    // After a tap on a touch screen the hover would never end.
    const isPointedAt = matchMedia('(hover: hover)').matches && this.#body.matches(':hover');
    return isPointedAt || this.#body.matches(':focus-within');
  }
}
