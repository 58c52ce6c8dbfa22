import type { FleetSessionState } from '../../fleet/session-view.js';
import { element, setText } from './element.js';
import { icon } from './icon.js';
import { STATES } from './words/states.js';

/** A state as a word with its own sign and colour. */
export class StateBadge {
  readonly node = element('span', { class: 'badge' });
  readonly #label = element('span');
  #state: FleetSessionState | null = null;

  update(state: FleetSessionState): void {
    if (state === this.#state) return;
    this.#state = state;
    const { label, tone, icon: picture } = STATES[state];
    this.node.className = `badge ${tone}`;
    setText(this.#label, label);
    this.node.replaceChildren(icon(picture), this.#label);
  }
}
