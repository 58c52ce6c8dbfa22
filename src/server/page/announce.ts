import { element, setText } from './element.js';

const SHOWN_MS = 7000;
const PAUSE_MS = 1000;

const spoken = element('div', { class: 'unseen', role: 'status' });
const shown = element('div', { class: 'toast', hidden: true });
let waiting: string[] = [];
let settling: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Where announcements are made; once per page. */
export function announcer(): HTMLElement {
  return element('div', {}, spoken, shown);
}

/** For screen readers only. What comes within a second is said together. */
export function announce(text: string): void {
  waiting.push(text);
  if (waiting.length > 1) return;
  setTimeout(() => {
    // A new element: the same text once more would not be a change.
    spoken.replaceChildren(element('p', {}, summarize(waiting)));
    waiting = [];
  }, PAUSE_MS);
}

/** Of what comes in quick succession, such as while somebody types, only the last is said. */
export function announceLast(text: string): void {
  clearTimeout(settling);
  settling = setTimeout(() => announce(text), PAUSE_MS);
}

/** Shown for some seconds, and said. */
export function notify(text: string): void {
  shown.hidden = false;
  setText(shown, text);
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    shown.hidden = true;
  }, SHOWN_MS);
  announce(text);
}

function summarize(texts: string[]): string {
  const some = texts.slice(0, 3).join(' ');
  return texts.length > 3 ? `${some} And ${texts.length - 3} more changes.` : some;
}
