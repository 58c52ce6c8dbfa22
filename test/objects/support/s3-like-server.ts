import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Of conditions: what a service makes of them. */
export interface S3LikeWays {
  /** Headers that it overlooks. */
  ignores?: ('if-match' | 'if-none-match')[];
  /** 501 to every condition. */
  refusesAll?: boolean;
  /** 412 to every `If-Match`. */
  refusesIfMatch?: boolean;
  /** The only form of ETags that it takes; the other is answered 400, or as one that differs. */
  quotes?: { needed: boolean; otherwise: 400 | 412 };
  /** What is answered instead of anything else, by turns. */
  answers?: { status: number; body: string; headers?: Record<string, string> }[];
}

/**
 * Objects in memory, asked as S3 is: for what no real service here does. It looks at no signature
 * and knows no bucket.
 */
export async function startS3Like(ways: S3LikeWays) {
  const objects = new Map<string, Buffer>();
  const etagOf = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
  const answers = [...(ways.answers ?? [])];

  const holds = (header: 'if-match' | 'if-none-match', value: string, here: Buffer | undefined) => {
    if (ways.ignores?.includes(header)) return 200;
    if (ways.refusesAll) return 501;
    if (header === 'if-none-match') return here ? 412 : 200;
    if (ways.refusesIfMatch) return 412;
    if (ways.quotes && ways.quotes.needed !== value.startsWith('"')) return ways.quotes.otherwise;
    return here && value.replaceAll('"', '') === etagOf(here) ? 200 : 412;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const bytes = await buffer(incoming);
    const { pathname: key } = new URL(incoming.url ?? '', 'http://localhost');
    const fail = (status: number, code: string) => {
      outgoing.writeHead(status, { 'content-type': 'application/xml' });
      outgoing.end(`<Error><Code>${code}</Code></Error>`);
    };
    const answer = answers.shift();
    if (answer) return outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    const here = objects.get(key);
    if (incoming.method === 'GET') {
      if (!here) return fail(404, 'NoSuchKey');
      return outgoing.writeHead(200, { etag: `"${etagOf(here)}"` }).end(here);
    }
    if (incoming.method === 'DELETE') {
      objects.delete(key);
      return outgoing.writeHead(204).end();
    }
    for (const header of ['if-match', 'if-none-match'] as const) {
      const value = incoming.headers[header];
      const status = value === undefined ? 200 : holds(header, value, here);
      if (status === 400) return fail(400, 'InvalidArgument');
      if (status === 501) return fail(501, 'NotImplemented');
      if (status !== 200) return fail(status, 'PreconditionFailed');
    }
    objects.set(key, bytes);
    return outgoing.writeHead(200, { etag: `"${etagOf(bytes)}"` }).end();
  };

  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
