import { announce } from './announce.js';
import { element, setText } from './element.js';
import { formatShortTime, secondsLeft } from './words/times.js';

const WAITING = 'The next QR code comes in a moment…';

/** A QR code with the time that it can still be scanned; says once, politely, when there is one. */
export class QrFrame {
  readonly node: HTMLElement;
  readonly #image = element('img', {
    class: 'qr',
    alt: 'QR code to scan with WhatsApp',
    width: 264,
    height: 264,
  });
  readonly #empty = element('p', { class: 'qr-empty' }, WAITING);
  readonly #left = element('span', { 'aria-hidden': 'true' });
  readonly #until = element('span', { class: 'unseen' });
  readonly #meter = element('progress', {
    class: 'qr-meter',
    'aria-hidden': 'true',
    max: 1,
    value: 0,
  });
  #shown: string | null = null;
  #validUntil: string | null = null;
  #lifetime = 1;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.node = element(
      'div',
      { class: 'qr-frame' },
      element('div', { class: 'qr-paper' }, this.#image, this.#empty),
      this.#meter,
      element('p', { class: 'qr-validity' }, this.#left, this.#until),
    );
    this.clear();
  }

  /** The picture changes only once the new one is there. */
  show(address: string, validUntil: string): void {
    if (this.#shown === address) return;
    const isFirst = this.#shown === null;
    this.#shown = address;
    const next = new Image();
    next.addEventListener('load', () => this.#swap(address, validUntil, isFirst));
    next.addEventListener('error', () => {
      if (this.#shown === address) this.clear();
    });
    next.src = address;
  }

  /** No QR at the moment. */
  clear(): void {
    this.#shown = null;
    this.#validUntil = null;
    this.#image.hidden = true;
    this.#empty.hidden = false;
    this.#tick();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #swap(address: string, validUntil: string, isFirst: boolean): void {
    if (this.#shown !== address) return;
    this.#image.src = address;
    this.#image.hidden = false;
    this.#empty.hidden = true;
    this.#validUntil = validUntil;
    this.#lifetime = Math.max(1, secondsLeft(validUntil));
    setText(this.#until, `It can be scanned until ${formatShortTime(validUntil)}.`);
    announce(isFirst ? 'A QR code is shown.' : 'A new QR code is shown.');
    this.#timer ??= setInterval(() => this.#tick(), 500);
    this.#tick();
  }

  #tick(): void {
    const left = this.#validUntil === null ? 0 : secondsLeft(this.#validUntil);
    this.#meter.value = left / this.#lifetime;
    if (this.#validUntil === null) setText(this.#until, '');
    setText(this.#left, this.#validUntil === null ? '' : wordsFor(left));
  }
}

function wordsFor(seconds: number): string {
  return seconds === 0
    ? 'Expired. The next one comes in a moment.'
    : `Can be scanned for ${seconds} s more`;
}
