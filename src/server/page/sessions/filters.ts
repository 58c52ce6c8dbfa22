import type { SessionView } from '../../../fleet/session-view.js';
import { element, setAttribute, setText } from '../element.js';
import { GROUPS, type Group } from './groups.js';

export interface Filters {
  node: HTMLElement;
  update(views: readonly SessionView[], selected: Group): void;
}

/** The groups with their counts, as buttons that narrow the list. */
export function filterButtons(onSelect: (group: Group) => void): Filters {
  const buttons = GROUPS.map((group) => {
    const count = element('span', { class: 'count' }, '0');
    const node = element(
      'button',
      { type: 'button', class: `filter group-${group.name}` },
      `${group.label} `,
      count,
    );
    node.addEventListener('click', () => onSelect(group));
    return { group, node, count };
  });
  return {
    node: element(
      'div',
      { class: 'filters', role: 'group', 'aria-label': 'Show sessions' },
      ...buttons.map(({ node }) => node),
    ),
    update(views, selected) {
      for (const { group, node, count } of buttons) {
        const number = views.filter(group.has).length;
        setText(count, String(number));
        setAttribute(node, 'aria-pressed', String(group === selected));
        node.classList.toggle('is-empty', number === 0);
      }
    },
  };
}
