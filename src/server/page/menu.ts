import type { Action } from './actions.js';
import { element } from './element.js';

const GAP = 4;

/** A button that opens a menu of what `actions` answers then. */
export function menuButton(opener: HTMLButtonElement, actions: () => Action[]): HTMLButtonElement {
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  opener.addEventListener('click', () => openMenu(opener, actions()));
  return opener;
}

function openMenu(opener: HTMLButtonElement, actions: Action[]): void {
  const menu = element('div', {
    class: 'menu',
    role: 'menu',
    popover: 'auto',
    'aria-label': opener.getAttribute('aria-label') ?? 'Actions',
  });
  const close = () => menu.hidePopover();
  const items = actions.map((action) => {
    const item = element(
      'button',
      { type: 'button', role: 'menuitem', tabindex: -1, class: action.isDanger ? 'danger' : '' },
      action.label,
    );
    item.addEventListener('click', () => {
      // First: a dialog then knows that the focus was on the opener.
      close();
      opener.focus();
      action.start();
    });
    return item;
  });
  menu.append(...items);
  menu.addEventListener('keydown', (event) => moveFocus(event, items, close));
  menu.addEventListener('toggle', (event) => {
    if ((event as ToggleEvent).newState === 'open') return;
    opener.setAttribute('aria-expanded', 'false');
    menu.remove();
  });

  document.body.append(menu);
  menu.showPopover();
  opener.setAttribute('aria-expanded', 'true');
  placeBeside(menu, opener);
  items[0]?.focus();
}

function moveFocus(event: KeyboardEvent, items: HTMLElement[], close: () => void): void {
  const at = items.indexOf(document.activeElement as HTMLElement);
  const goTo = (index: number) => {
    event.preventDefault();
    items.at(index % items.length)?.focus();
  };
  if (event.key === 'ArrowDown') goTo(at + 1);
  if (event.key === 'ArrowUp') goTo(at - 1);
  if (event.key === 'Home') goTo(0);
  if (event.key === 'End') goTo(-1);
  if (event.key === 'Tab') close();
}

/** Below the opener, or above where there is no room; always within the window. */
function placeBeside(menu: HTMLElement, opener: HTMLElement): void {
  const at = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const hasRoomBelow = at.bottom + GAP + height <= window.innerHeight;
  const top = hasRoomBelow ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height);
  const left = Math.min(Math.max(GAP, at.right - width), window.innerWidth - width - GAP);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}
