import { element, setText } from './element.js';

/** Says that what is shown may be out of date, for as long as it may. */
export class ConnectionNotice {
  readonly node = element('div', { role: 'status', class: 'notice' });
  #isLost = false;

  setConnected(isConnected: boolean): void {
    if (this.#isLost === !isConnected) return;
    this.#isLost = !isConnected;
    this.node.classList.toggle('is-lost', this.#isLost);
    setText(
      this.node,
      this.#isLost ? 'Connection lost, trying again. What is shown may be out of date.' : '',
    );
  }
}
