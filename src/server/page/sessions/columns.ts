import { element, setAttribute, unseen } from '../element.js';
import { type Sorting, type SortKey, startsDescending } from './sorting.js';

const COLUMNS: readonly { key: SortKey; label: string }[] = [
  { key: 'id', label: 'Session' },
  { key: 'state', label: 'State' },
  { key: 'account', label: 'Account' },
  { key: 'saved', label: 'Last save' },
  { key: 'size', label: 'Size' },
  { key: 'worker', label: 'Worker' },
  { key: 'alerts', label: 'Alerts' },
];

export interface SortControls {
  head: HTMLTableSectionElement;
  /** The same for narrow windows, which have no head. */
  select: HTMLElement;
  show(sorting: Sorting): void;
}

export function sortControls(
  hasActions: boolean,
  onSort: (sorting: Sorting) => void,
): SortControls {
  let sorting: Sorting = { key: 'id', isDescending: false };
  const cells = COLUMNS.map(({ key, label }) => {
    const sort = element('button', { type: 'button', class: 'sort' }, label);
    sort.addEventListener('click', () =>
      onSort({
        key,
        isDescending: sorting.key === key ? !sorting.isDescending : startsDescending(key),
      }),
    );
    return element('th', { role: 'columnheader', scope: 'col', class: `col-${key}` }, sort);
  });
  const actions = element(
    'th',
    { role: 'columnheader', scope: 'col', class: 'col-actions' },
    unseen('Actions'),
  );
  const choice = element(
    'select',
    {},
    ...COLUMNS.map(({ key, label }) => element('option', { value: key }, label)),
  );
  choice.addEventListener('change', () => {
    const key = choice.value as SortKey;
    onSort({ key, isDescending: startsDescending(key) });
  });
  return {
    head: element(
      'thead',
      { role: 'rowgroup' },
      element('tr', { role: 'row' }, ...cells, hasActions && actions),
    ),
    select: element('label', { class: 'sort-choice' }, element('span', {}, 'Sorted by '), choice),
    show(shown) {
      sorting = shown;
      choice.value = sorting.key;
      for (const [index, { key }] of COLUMNS.entries()) {
        const cell = cells[index];
        const direction = sorting.isDescending ? 'descending' : 'ascending';
        if (cell) setAttribute(cell, 'aria-sort', key === sorting.key ? direction : null);
      }
    },
  };
}
