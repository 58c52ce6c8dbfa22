import type { LookupAddress } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

const MOST_ANSWER_BYTES = 4 * 1024;

export interface Post {
  url: URL;
  /** The only ones it connects to. */
  addresses: LookupAddress[];
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** Posts to a URL, whose redirects it does not follow. @returns the answer's status */
export function post({ url, addresses, headers, body, signal }: Post): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      lookup: pinnedTo(addresses),
      // Connections are not shared: one may have been made to an address that is not allowed now.
      agent: false,
      signal,
    });
    let status: number | undefined;
    const end = (error?: Error) => {
      // What has been answered counts, however the rest of the answer ends.
      if (status === undefined) reject(error);
      else resolve(status);
    };
    asked.on('error', end);
    asked.on('response', (answer) => {
      status = answer.statusCode ?? 0;
      void readSome(answer).then(() => {
        end();
        asked.destroy();
      });
    });
    asked.end(body);
  });
}

/** So that a receiver that answers in few words sees its answer taken. */
async function readSome(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const part of answer) {
      bytes += (part as Buffer).length;
      if (bytes >= MOST_ANSWER_BYTES) return;
    }
  } catch {
    // It was cut off: what it said so far is all that is wanted.
  }
}

function pinnedTo(addresses: LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  };
}
