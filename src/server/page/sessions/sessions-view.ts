import { announceLast } from '../announce.js';
import type { App, View } from '../app.js';
import { button } from '../controls.js';
import { openAddDialog } from '../dialogs/add-session.js';
import { element, setText } from '../element.js';
import { icon } from '../icon.js';
import { formatCount } from '../words/sizes.js';
import { filterButtons } from './filters.js';
import { GROUPS, matches } from './groups.js';
import { SessionTable } from './session-table.js';
import type { Sorting } from './sorting.js';
import { WorkersPanel } from './workers.js';

/** What was chosen stays chosen when one comes back from a session. */
const chosen = {
  group: GROUPS[0],
  search: '',
  sorting: { key: 'id', isDescending: false } as Sorting,
};

export function sessionsView(app: App): View {
  const { store } = app;
  const table = new SessionTable(app, chosen.sorting, (sorting) => {
    chosen.sorting = sorting;
  });
  const workers = new WorkersPanel();
  const empty = element('p', { class: 'empty' });
  const filters = filterButtons((group) => {
    chosen.group = group;
    narrow(true);
  });
  const search = element('input', {
    type: 'search',
    placeholder: 'Search by id or account',
    'aria-label': 'Search by id or account',
    autocomplete: 'off',
    spellcheck: 'false',
    value: chosen.search,
  });
  search.addEventListener('input', () => {
    chosen.search = search.value.trim();
    narrow(true);
  });

  const narrow = (isAsked: boolean) => {
    const shown = table.narrow((view) => chosen.group.has(view) && matches(view, chosen.search));
    filters.update([...store.all()], chosen.group);
    table.node.hidden = shown === 0;
    empty.hidden = shown > 0;
    setText(empty, emptyText(app));
    if (isAsked) announceLast(`${formatCount(shown, 'session')} shown.`);
  };
  const update = (ids: Iterable<string>) => {
    table.update(ids);
    narrow(false);
  };
  update([...store.all()].map(({ id }) => id));
  workers.update(store.workers);

  const stops = [
    store.changed.listen(update),
    store.workersChanged.listen(() => workers.update(store.workers)),
  ];
  return {
    title: 'Sessions',
    node: element(
      'div',
      { class: 'view' },
      element(
        'div',
        { class: 'view-head' },
        element('h1', {}, 'Sessions'),
        app.role === 'admin' &&
          button('Add session', () => openAddDialog(app), { look: 'primary', picture: 'plus' }),
      ),
      filters.node,
      element(
        'div',
        { class: 'tools' },
        element('div', { class: 'search' }, icon('search'), search),
        table.sortChoice,
        workers.node,
      ),
      table.node,
      empty,
    ),
    end: () => {
      for (const stop of stops) stop();
    },
  };
}

function emptyText({ store, role }: App): string {
  if (!store.isFilled) return 'Loading…';
  if (store.size > 0) return 'No session matches.';
  return role === 'admin'
    ? 'There are no sessions yet. Add one, then link a phone to it.'
    : 'There are no sessions yet.';
}
