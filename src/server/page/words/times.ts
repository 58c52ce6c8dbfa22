import { now } from '../live/clock.js';

// A name of the month cannot be misread, wherever the reader is from.
const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

export function formatDateTime(iso: string): string {
  return DATE_TIME.format(new Date(iso));
}

/** Without the date if that is today's. */
export function formatShortTime(iso: string): string {
  const time = new Date(iso);
  return DAY.format(time) === DAY.format(now()) ? TIME.format(time) : DATE_TIME.format(time);
}

/** `just now`, `40 s ago`, `3 min ago`. */
export function formatAgo(iso: string): string {
  const passed = now() - Date.parse(iso);
  return passed < 10_000 ? 'just now' : `${formatSpan(passed)} ago`;
}

/** `for 3 min`, or nothing while it is only seconds. */
export function formatFor(iso: string): string {
  const passed = now() - Date.parse(iso);
  return passed < 10_000 ? 'just now' : `for ${formatSpan(passed)}`;
}

/** `in 3 min`, or `now`. */
export function formatIn(iso: string): string {
  const left = Date.parse(iso) - now();
  return left < 1000 ? 'now' : `in ${formatSpan(left)}`;
}

export function secondsLeft(iso: string): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now()) / 1000));
}

/** Roughly: below a minute in steps of 10 s, so that a list of hundreds is not always moving. */
function formatSpan(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.ceil(seconds)} s`;
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s`;
  const minutes = seconds / 60;
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}
