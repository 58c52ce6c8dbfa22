import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request with whatever headers and path: `fetch` would not send them. */
export function rawRequest(
  port: number,
  options: RequestOptions,
  body?: string | Buffer,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      const parts: Buffer[] = [];
      const answer = () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(parts).toString() });
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        // Streams of events have no end.
        if (response.headers['content-type'] !== 'text/event-stream') return;
        answer();
        asked.destroy();
      });
      response.on('end', answer);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
