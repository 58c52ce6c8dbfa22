import type { WorkerView } from '../../../fleet/session-view.js';
import { element, setChildren, setText } from '../element.js';
import { liveTime } from '../words/live-time.js';
import { formatCount } from '../words/sizes.js';

/** The machines that hold the sessions: in one line, and each when it is opened. */
export class WorkersPanel {
  readonly node: HTMLDetailsElement;
  readonly #summary = element('summary');
  readonly #body = element('tbody');

  constructor() {
    const heading = (label: string) => element('th', { scope: 'col' }, label);
    this.node = element(
      'details',
      { class: 'workers' },
      this.#summary,
      element(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'All workers' },
        element(
          'table',
          { class: 'plain' },
          element(
            'thead',
            {},
            element(
              'tr',
              {},
              ...['Host', 'Sessions', 'Started', 'Version', 'Address'].map(heading),
            ),
          ),
          this.#body,
        ),
      ),
    );
  }

  update(workers: readonly WorkerView[]): void {
    const held = workers.reduce((sum, { sessions }) => sum + sessions.length, 0);
    const places = workers.reduce((sum, { capacity }) => sum + capacity, 0);
    setText(
      this.#summary,
      `${formatCount(workers.length, 'worker')}, ${held} of ${formatCount(places, 'place')} taken`,
    );
    setChildren(this.#body, ...workers.map(row));
  }
}

function row({ host, pid, sessions, capacity, startedAt, version, address }: WorkerView) {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, `${host} (${pid})`),
    element('td', {}, `${sessions.length} of ${capacity}`),
    element('td', {}, liveTime('ago', startedAt)),
    element('td', {}, version),
    element('td', {}, address),
  );
}
