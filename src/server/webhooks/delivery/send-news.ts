import { readVersion } from '../../../system/version.js';
import { signatureOf } from '../signature.js';
import { parseTarget, resolveTarget, type TargetRules } from '../target/check-target.js';
import { post } from '../target/post.js';
import type { Attempt, News } from './delivery.js';

const LIMIT_MS = 10_000;
const SHOWN_ERROR = 300;

export interface Receiver {
  url: string;
  secret: string;
  rules: TargetRules;
}

/** One try. Never rejects. */
export async function sendNews(
  { url, secret, rules }: Receiver,
  { id, event, at, data }: News,
  given: AbortSignal,
): Promise<Attempt> {
  const began = Date.now();
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), LIMIT_MS);
  const signal = AbortSignal.any([given, giveUp.signal]);
  const endedBy = (status: number | null, error: string | null): Attempt => ({
    at: new Date(began).toISOString(),
    status,
    error,
    durationMs: Date.now() - began,
  });
  try {
    const target = parseTarget(url);
    const addresses = await untilAborted(resolveTarget(target, rules), signal);
    const body = JSON.stringify({ id, event, at, data });
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': `holdfast/${readVersion()}`,
      'X-Holdfast-Delivery': id,
      'X-Holdfast-Signature': signatureOf(secret, body, Math.floor(began / 1000)),
    };
    const status = await post({ url: target, addresses, headers, body, signal });
    return endedBy(status, errorOf(status));
  } catch (error) {
    if (given.aborted) return endedBy(null, 'This worker was stopped meanwhile.');
    if (giveUp.signal.aborted) return endedBy(null, `No answer within ${LIMIT_MS / 1000} s.`);
    const message = error instanceof Error ? messageOf(error) : String(error);
    return endedBy(null, message.slice(0, SHOWN_ERROR));
  } finally {
    clearTimeout(timer);
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `Answered ${status}: redirects are not followed.`;
  return `Answered ${status}.`;
}

/** With several addresses, node puts what went wrong at each into one error without words. */
function messageOf(error: Error): string {
  const messages = error instanceof AggregateError ? error.errors.map(String) : [];
  return error.message || messages.join('; ') || error.name;
}

/** What looks up names cannot be ended; it is left to itself. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
