import { afterAll, beforeAll, expect, test } from 'vitest';
import { MARK, oddRequest } from './fuzz/odd-request.js';
import { Random } from './fuzz/random.js';
import { type RawAnswer, rawRequest } from './support/raw-request.js';
import { SimulatedStore } from './support/simulated-fleet.js';
import { storeSession } from './support/stored-session.js';
import { startServer, type TestServer } from './support/test-server.js';

/** `npm run test:fuzz -- --api` gives the numbers; `npm test` runs a short form. */
const inputs = Number(process.env.HOLDFAST_FUZZ_INPUTS ?? 300);
const seed = Number(process.env.HOLDFAST_FUZZ_SEED ?? 1);
const MAY_BE_503 = ['/readyz'];

let server: TestServer;
const failures: unknown[] = [];
const onRejection = (reason: unknown) => failures.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  const shared = new SimulatedStore();
  await storeSession(shared.objects, 'RemoteAuth-sales');
  server = await startServer({
    fleet: { shared },
    rate: { burst: 1e9, perSecond: 1e9 },
    log: {
      write: (level, event, fields) => level === 'error' && failures.push({ event, ...fields }),
    },
  });
  await server.fleet.add('sales');
  await server.fleet.add('empty');
});
afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await server.stop();
});

function problemOf(path: string, { status, headers, body }: RawAnswer): string | null {
  if (status < 200) return 'no answer';
  // Node itself refuses what is no request: in these words, and nothing else.
  if ([400, 431].includes(status) && body === '' && Object.keys(headers).length === 1) return null;
  if (status === 503 && !MAY_BE_503.includes(path)) {
    return headers['retry-after'] === undefined ? '503 without a time' : null;
  }
  if (status >= 500 && status !== 503) return 'its own failure';
  if (JSON.stringify(headers).includes('fuzz')) return 'input in a header';
  const isJson = headers['content-type']?.startsWith('application/json');
  if (isJson && status !== 304) JSON.parse(body === '' ? '{}' : body);
  else if (body.includes(MARK)) return 'input as it was';
  return headers['x-content-type-options'] === 'nosniff' ? null : 'no headers';
}

test(
  `${inputs} odd requests: none is answered by a failure, or by itself (seed ${seed})`,
  async () => {
    const random = new Random(seed);
    const counts: Record<string, number> = {};
    for (let n = 0; n < inputs; n++) {
      // What was removed, or logged out, is there again.
      if (server.fleet.get('sales') === undefined)
        await server.fleet.add('sales').catch(() => server.fleet.setWanted('sales', true));
      const { options, body } = oddRequest(random, server.routes);
      const answer = await rawRequest(server.port, options, body);
      const problem = problemOf(options.path, answer);
      expect(problem && { n, problem, options, body: body?.toString(), answer }).toBeNull();
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    }
    if (inputs > 300) console.log(counts);
    for (const status of [200, 204, 400, 401, 403, 404, 409])
      expect(counts, String(status)).toHaveProperty(String(status));
    expect((await server.ask('/healthz')).status).toBe(200);
    expect(failures).toEqual([]);
  },
  60_000 + inputs * 50,
);
