import type { SessionView } from '../../../fleet/session-view.js';
import { element, setText } from '../element.js';
import { nameAccount } from '../words/accounts.js';
import { liveTime, setTime } from '../words/live-time.js';
import { formatBytes, formatCount, formatDuration } from '../words/sizes.js';
import { STATES } from '../words/states.js';
import { formatDateTime } from '../words/times.js';

/** What is known of the session at present. */
export class Facts {
  readonly node: HTMLElement;
  readonly #meaning = element('dd');
  readonly #account = element('dd');
  readonly #worker = element('dd');
  readonly #saved = liveTime('ago', null);
  readonly #savedMore = element('span', { class: 'second' });
  readonly #size = element('dd');
  readonly #added = element('dd');
  readonly #next = liveTime('in', null);
  readonly #failures = element('span');
  readonly #failed: HTMLElement;

  constructor() {
    const fact = (name: string, value: HTMLElement) =>
      element('div', {}, element('dt', {}, name), value);
    this.#failed = fact('Failures', element('dd', {}, this.#failures, this.#next));
    this.node = element(
      'dl',
      { class: 'facts' },
      fact('State', this.#meaning),
      fact('Account', this.#account),
      fact('Last save', element('dd', {}, this.#saved, ' ', this.#savedMore)),
      fact('Profile', this.#size),
      fact('Worker', this.#worker),
      fact('Added', this.#added),
      this.#failed,
    );
  }

  update({ state, account, worker, lastSave, size, addedAt, failures, nextTryAt }: SessionView) {
    setText(this.#meaning, STATES[state].meaning);
    setText(this.#account, account ? nameAccount(account) : 'None yet');
    setText(this.#worker, worker ? `${worker.host}, ${worker.address}` : 'None');
    setTime(this.#saved, lastSave?.at ?? null);
    setText(
      this.#savedMore,
      lastSave
        ? `snapshot ${lastSave.sequence}, ${formatBytes(lastSave.bytesSent)} sent in ${formatDuration(lastSave.durationMs)}`
        : 'None yet',
    );
    setText(this.#size, size === null ? 'Not known yet' : formatBytes(size));
    setText(this.#added, formatDateTime(addedAt));
    this.#failed.hidden = failures === 0;
    setText(
      this.#failures,
      `${formatCount(failures, 'time')} in a row${nextTryAt ? '; tried again ' : ''}`,
    );
    setTime(this.#next, nextTryAt);
  }
}
