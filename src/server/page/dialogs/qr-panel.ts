import type { SessionView } from '../../../fleet/session-view.js';
import { element } from '../element.js';
import { api } from '../live/api.js';
import { QrFrame } from '../qr-frame.js';

/** The QR of one session, as it changes. */
export class QrPanel {
  readonly node: HTMLElement;
  readonly #frame = new QrFrame();
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
    this.node = element(
      'div',
      { class: 'qr-panel' },
      this.#frame.node,
      element(
        'p',
        { class: 'hint' },
        'On the phone: WhatsApp, Settings, Linked devices, Link a device.',
      ),
    );
  }

  /** Null: linking is not by QR at the moment. */
  show(view: SessionView | null): void {
    this.node.hidden = view === null;
    if (view?.qr) this.#frame.show(api.qrAddress(this.#id, view.qr.serial), view.qr.validUntil);
    else this.#frame.clear();
  }

  end(): void {
    this.#frame.end();
  }
}
