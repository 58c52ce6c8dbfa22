import { HoldfastError } from '../errors.js';

const CHANGED = /PAGE_CHANGED:([\w.]+)/;

/** The part of the page that an error from inside it names as missing, or null. */
export function missingPart(message: string): string | null {
  return CHANGED.exec(message)?.[1] ?? null;
}

export function pageChanged(part: string, version: string | null, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'PAGE_CHANGED',
    `WhatsApp Web${version === null ? '' : ` ${version}`} has no "${part}" any more, which Holdfast needs. ` +
      'WhatsApp has changed its page: update holdfast, or report this message if you have the newest.',
    { cause },
  );
}

/** What a document says that is not WhatsApp Web, such as the browser's error page. */
export const NOT_THERE = 'This document is not WhatsApp Web';

export function isNotThere(error: unknown): boolean {
  return messageOf(error).includes(NOT_THERE);
}

export function pageNotThere(cause: unknown): HoldfastError {
  return new HoldfastError(
    'NOT_READY',
    'WhatsApp Web is not loaded just now, and is being loaded again: wait for the event "ready".',
    { cause, transient: true },
  );
}

/** True for errors that only say that the page has gone elsewhere in the meantime. */
export function isNavigationError(error: unknown): boolean {
  return (
    isNotThere(error) ||
    /Execution context was destroyed|Cannot find context|frame (was|got) detached|detached Frame|Inspected target navigated/i.test(
      messageOf(error),
    )
  );
}

function messageOf(error: unknown): string {
  return String((error as Error | undefined)?.message);
}
