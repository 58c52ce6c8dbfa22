import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkTarget, guardedLookup } from './target.js';

const PATIENCE_MS = 10_000;

export interface Post {
  url: string;
  /** JSON. */
  body: string;
  secret: string;
  event: string;
  id: string;
  allowPrivate: boolean;
  signal: AbortSignal;
}

/** Sends one delivery. Redirects are not followed. @returns the status. Rejects when there is none */
export function post(options: Post): Promise<number> {
  const { body, secret, event, id, allowPrivate, signal } = options;
  return new Promise((resolve, reject) => {
    // Again, and not only when it was added: what is allowed may have changed.
    const url = checkTarget(options.url, allowPrivate);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      method: 'POST',
      agent: false,
      lookup: guardedLookup(allowPrivate),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Holdfast',
        'X-Holdfast-Event': event,
        'X-Holdfast-Delivery': id,
        'X-Holdfast-Signature': signatureOf(secret, body),
      },
    });
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      // What it says does not matter, and may be without end.
      request.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}

function signatureOf(secret: string, body: string): string {
  const time = Math.floor(Date.now() / 1000);
  const tag = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return `t=${time},v1=${tag}`;
}
