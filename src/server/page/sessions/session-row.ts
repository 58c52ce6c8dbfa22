import type { SessionView } from '../../../fleet/session-view.js';
import { actionsFor, mainAction } from '../actions.js';
import type { App } from '../app.js';
import { button, iconButton } from '../controls.js';
import { element, setText } from '../element.js';
import { icon } from '../icon.js';
import { menuButton } from '../menu.js';
import { addressOf } from '../router.js';
import { StateBadge } from '../state-badge.js';
import { phoneOf } from '../words/accounts.js';
import { adviceFor } from '../words/advice.js';
import { liveTime, setTime } from '../words/live-time.js';
import { formatBytes, formatCount } from '../words/sizes.js';

/** One session in the list. An update writes only what has changed. */
export class SessionRow {
  readonly node: HTMLTableRowElement;
  view: SessionView;
  readonly #badge = new StateBadge();
  readonly #since = liveTime('for', null);
  readonly #next = liveTime('in', null);
  readonly #tries = element('span', {}, 'tries again ', this.#next);
  readonly #name = element('span', { class: 'account-name' });
  readonly #phone = element('span', { class: 'account-phone' });
  readonly #worker = element('span', { class: 'worker' });
  readonly #saved = liveTime('ago', null);
  readonly #savedBytes = element('span', { class: 'second' });
  readonly #size = element('span');
  readonly #alert = element('span', { class: 'row-alert', hidden: true });
  readonly #alertText = element('span');
  readonly #main: HTMLButtonElement;

  constructor(app: App, view: SessionView) {
    this.view = view;
    const { id } = view;
    this.#alert.append(icon('alert'), this.#alertText);
    this.#main = button('Link', () => mainAction(app, this.view)?.start(), { look: 'primary' });
    this.#main.setAttribute('aria-label', `Link ${id}`);
    const more = menuButton(
      iconButton(`Actions for ${id}`, 'more', () => {}),
      () => actionsFor(app, this.view),
    );
    const mayAct = app.role === 'admin';
    this.node = element(
      'tr',
      { role: 'row' },
      element(
        'th',
        { role: 'rowheader', scope: 'row', class: 'col-id' },
        element('a', { href: addressOf(id) }, id),
      ),
      cell(
        'state',
        this.#badge.node,
        element('span', { class: 'second' }, this.#since, this.#tries),
      ),
      cell('account', this.#name, this.#phone),
      cell('saved', this.#saved, this.#savedBytes),
      cell('size', this.#size),
      cell('worker', this.#worker),
      cell('alerts', this.#alert),
      mayAct && cell('actions', element('div', { class: 'row-buttons' }, this.#main, more)),
    );
    this.update(view);
  }

  update(view: SessionView): void {
    this.view = view;
    const { state, account, alerts, lastSave } = view;
    this.#badge.update(state);
    this.#showTimes(view);
    setText(this.#name, account?.name ?? '');
    setText(this.#phone, account ? phoneOf(account) : '');
    setTime(this.#saved, lastSave?.at ?? null);
    setText(this.#savedBytes, lastSave ? `${formatBytes(lastSave.bytesSent)} sent` : '');
    setText(this.#size, view.size === null ? '' : formatBytes(view.size));
    setText(this.#worker, view.worker?.host ?? '');
    this.#worker.title = view.worker?.id ?? '';
    this.#alert.hidden = alerts.length === 0;
    setText(this.#alertText, alertText(view));
    this.#main.hidden = !(state === 'qr' || state === 'code');
  }

  #showTimes({ state, since, nextTryAt }: SessionView): void {
    const isTrying = state === 'backing-off' && nextTryAt !== null;
    this.#since.hidden = isTrying;
    this.#tries.hidden = !isTrying;
    setTime(this.#since, since);
    setTime(this.#next, isTrying ? nextTryAt : null);
  }
}

function cell(name: string, ...children: (Node | false)[]): HTMLTableCellElement {
  return element('td', { role: 'cell', class: `col-${name}` }, ...children);
}

function alertText({ alerts: [first, ...others] }: SessionView): string {
  if (!first) return '';
  const { title } = adviceFor(first);
  return others.length === 0
    ? title
    : `${title}, and ${formatCount(others.length, 'more', 'more')}`;
}
