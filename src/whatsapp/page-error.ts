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

/** True for Puppeteer's errors that only say that the page has gone elsewhere in the meantime. */
export function isNavigationError(error: unknown): boolean {
  return /Execution context was destroyed|Cannot find context|frame (was|got) detached|detached Frame|Inspected target navigated|document is not WhatsApp Web/i.test(
    String((error as Error | undefined)?.message),
  );
}
