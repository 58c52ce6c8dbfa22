import type { Alert } from '../../../fleet/session-view.js';
import { element } from '../element.js';
import { icon } from '../icon.js';
import { adviceFor } from '../words/advice.js';
import { formatShortTime } from '../words/times.js';

/** What somebody should look at, each with what to do about it. */
export class AlertList {
  readonly node = element('section', { 'aria-label': 'Alerts', class: 'alerts', hidden: true });
  #shown = '';

  update(alerts: readonly Alert[]): void {
    const now = JSON.stringify(alerts);
    if (now === this.#shown) return;
    this.#shown = now;
    this.node.hidden = alerts.length === 0;
    this.node.replaceChildren(...alerts.map(describe));
  }
}

function describe(alert: Alert): HTMLElement {
  const { title, whatToDo } = adviceFor(alert);
  return element(
    'div',
    { class: 'alert' },
    icon('alert'),
    element(
      'div',
      {},
      element('h2', {}, title),
      element('p', {}, alert.message),
      element('p', {}, element('strong', {}, 'What to do: '), whatToDo),
      element(
        'p',
        { class: 'second' },
        `Since ${formatShortTime(alert.since)}. Code `,
        element('code', {}, alert.code),
      ),
    ),
  );
}
