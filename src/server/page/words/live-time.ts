import { element, setText } from '../element.js';
import { formatAgo, formatDateTime, formatFor, formatIn } from './times.js';

const WORDS = { ago: formatAgo, for: formatFor, in: formatIn };
export type TimeWords = keyof typeof WORDS;

/** A time said relative to now, which goes with the time while `keepTimes` runs. */
export function liveTime(words: TimeWords, iso: string | null): HTMLTimeElement {
  const node = element('time', { 'data-words': words });
  setTime(node, iso);
  return node;
}

export function setTime(node: HTMLTimeElement, iso: string | null): void {
  const value = iso ?? '';
  if (node.dateTime !== value) {
    node.dateTime = value;
    node.title = iso === null ? '' : formatDateTime(iso);
  }
  tell(node);
}

/** Answers with what ends it. */
export function keepTimes(): () => void {
  const timer = setInterval(() => {
    for (const node of document.querySelectorAll<HTMLTimeElement>('time[data-words]')) tell(node);
  }, 5000);
  return () => clearInterval(timer);
}

function tell(node: HTMLTimeElement): void {
  const words = node.dataset.words as TimeWords;
  setText(node, node.dateTime === '' ? '' : WORDS[words](node.dateTime));
}
