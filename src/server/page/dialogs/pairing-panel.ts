import type { SessionView } from '../../../fleet/session-view.js';
import { announce } from '../announce.js';
import { field } from '../controls.js';
import { element, setText } from '../element.js';
import { api } from '../live/api.js';
import { messageOf } from '../live/request.js';
import { formatShortTime } from '../words/times.js';

/** Linking by a code that is typed on the phone. */
export class PairingPanel {
  readonly node: HTMLElement;
  readonly #phone = field(
    'Phone number',
    element('input', { type: 'tel', autocomplete: 'off' }),
    'Of the phone to link, with the country code, such as +1 202 555 0108.',
  );
  readonly #submit = element('button', { type: 'submit', class: 'button primary' }, 'Get a code');
  readonly #code = element('output', { class: 'code' });
  readonly #about = element('p', { class: 'hint' });
  readonly #result: HTMLElement;
  readonly #id: string;
  #isAsking = false;
  #shown: string | null = null;

  constructor(id: string) {
    this.#id = id;
    const form = element('form', { novalidate: true }, this.#phone.node, this.#submit);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#ask();
    });
    this.#result = element('div', { class: 'code-result', hidden: true }, this.#code, this.#about);
    this.node = element('div', { class: 'pairing-panel' }, form, this.#result);
  }

  /** Null: linking is not by code at the moment. */
  show(view: SessionView | null): void {
    this.node.hidden = view === null;
    const code = view?.code ?? null;
    this.#result.hidden = code === null;
    setText(this.#submit, code === null ? 'Get a code' : 'Get another code');
    if (code === null) {
      this.#shown = null;
      return;
    }
    if (this.#shown === code.code) return;
    this.#shown = code.code;
    setText(this.#code, formatCode(code.code));
    setText(
      this.#about,
      `Type it on the phone +${code.phone}: WhatsApp, Settings, Linked devices, Link a device, Link with phone number. Valid until ${formatShortTime(code.validUntil)}.`,
    );
    announce(`The code is ${[...code.code].join(' ')}.`);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    const digits = this.#phone.control.value.replace(/[\s+().-]/g, '');
    // E.164: at most 15 digits, the country code first, which never starts with 0.
    if (!/^[1-9]\d{5,14}$/.test(digits)) {
      this.#phone.setProblem('Give the country code and the number, such as +1 202 555 0108.');
      return;
    }
    this.#phone.setProblem(null);
    this.#isAsking = true;
    this.#submit.setAttribute('aria-disabled', 'true');
    try {
      await api.pair(this.#id, digits);
    } catch (error) {
      this.#phone.setProblem(messageOf(error));
    } finally {
      this.#isAsking = false;
      this.#submit.removeAttribute('aria-disabled');
    }
  }
}

/** `ABCD-EFGH`, as WhatsApp writes it. */
function formatCode(code: string): string {
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}
