import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedStore } from './support/simulated-fleet.js';
import { storeSession } from './support/stored-session.js';
import { startServer, type TestServer } from './support/test-server.js';
import { Receiver } from './webhooks/receiver.js';

interface Operation {
  security: Record<string, unknown>[];
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

let server: TestServer;
let document: Document;
let ajv: Ajv2020;
const called = new Set<string>();

beforeAll(async () => {
  const shared = new SimulatedStore();
  await storeSession(shared.objects, 'RemoteAuth-sales');
  server = await startServer({ fleet: { shared }, allowPrivateWebhooks: true });
  document = (await (await server.ask('/api/v1/openapi.json')).json()) as Document;
  ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'document');
});
afterAll(() => server.stop());

const NOTHING: Pick<Operation, 'responses'> = { responses: {} };

/** Asks, and checks the answer against what the document says of that route. */
async function call(method: string, template: string, json?: unknown, values: string[] = []) {
  called.add(`${method} ${template}`);
  const path = values.reduce((left, value) => left.replace(/\{\w+\}/, value), template);
  const answer = await server.ask(path, { method: method.toUpperCase(), json });
  const { responses } = document.paths[template]?.[method] ?? NOTHING;
  const status = String(answer.status);
  expect(Object.keys(responses), `${method} ${path} answers ${status}`).toContain(status);
  const content = responses[status]?.content;
  const type = answer.headers.get('Content-Type')?.replace(/;.*/, '') ?? null;
  if (content === undefined) expect(await answer.text()).toBe('');
  else if (content['*/*'] === undefined) expect(Object.keys(content)).toEqual([type]);
  if (content === undefined) return;
  if (type !== 'application/json') return answer.body?.cancel();
  const body: unknown = await answer.json();
  const validate = validatorOf(template, method, status);
  expect(validate(body), `${method} ${path}: ${ajv.errorsText(validate.errors)}`).toBe(true);
  return body;
}

function validatorOf(template: string, method: string, status: string): ValidateFunction {
  const pointer = ['paths', template, method, 'responses', status, 'content', 'application/json']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  return ajv.compile({ $ref: `document#/${pointer}/schema` });
}

test('every route of the document is there and answers as it says; there are no others', async () => {
  const receiver = await Receiver.start();
  const ID = ['sales'];
  const of = (rest = '') => `/api/v1/sessions/{id}${rest}`;
  await call('get', '/');
  await call('get', '/page/{path}', undefined, ['icon.svg']);
  await call('get', '/healthz');
  await call('get', '/readyz');
  await call('get', '/metrics');
  await call('get', '/api/v1/openapi.json');
  await call('post', '/auth/login', { token: 'admin-token-for-the-tests' });
  await call('get', '/auth/me');
  await call('post', '/auth/logout');
  await call('post', '/api/v1/sessions', { id: 'sales' });
  await call('get', '/api/v1/sessions');
  await call('get', of(), undefined, ID);
  for (const ending of ['', '.txt', '.svg', '.png'])
    await call('get', of(`/qr${ending}`), undefined, ID);
  const link = (await call('post', of('/links'), {}, ID)) as { url: string };
  const token = link.url.split('/').at(-1) ?? '';
  await call('get', '/link/{token}', undefined, [token]);
  await call('get', '/link/{token}/events', undefined, [token]);
  await call('post', of('/pairing-code'), { phone: '12025550108' }, ID);
  await call('get', of(), undefined, ID);
  await call('delete', of('/pairing-code'), undefined, ID);

  const session = server.fleet.get('sales');
  session?.link();
  session?.save(1000, 40_000);
  const at = new Date().toISOString();
  const failure = { code: 'STORE_FULL', message: 'full' };
  session?.happen({ at, what: 'save-failed', ...failure, nextTryMs: 1000 });
  session?.happen({ at, what: 'restored', from: 'disk', durationMs: 12.5 });
  session?.happen({ at, what: 'lease-lost', ...failure });
  session?.alert('STORE_FULL', 'full');
  await call('get', of(), undefined, ID);
  await call('get', of('/history'), undefined, ID);
  await call('post', of('/messages'), { to: '12025550199', text: 'Hello' }, ID);
  await call('get', of('/snapshots'), undefined, ID);
  await call('post', of('/snapshots/check'), undefined, ID);
  await call('get', of('/export'), undefined, ID);
  await call('post', of('/snapshots/{sequence}/restore'), undefined, ['sales', '1']);
  await call('post', of('/restart'), undefined, ID);
  await call('get', '/api/v1/events');
  await call('get', of('/events'), undefined, ID);
  await call('get', '/api/v1/workers');

  const hook = (await call('post', '/api/v1/webhooks', { url: receiver.url })) as { id: string };
  await call('get', '/api/v1/webhooks');
  await call('post', '/api/v1/webhooks/{id}/test', undefined, [hook.id]);
  await receiver.untilReceived(1);
  await call('get', '/api/v1/webhooks/{id}/deliveries', undefined, [hook.id]);
  await call('delete', '/api/v1/webhooks/{id}', undefined, [hook.id]);
  await call('post', of('/logout'), undefined, ID);
  await call('delete', of(), undefined, ID);

  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  // Tested with signatures in workers.test.ts.
  expect([...called, 'get /peer/events'].sort()).toEqual(documented.sort());
  const routes = server.routes.map(({ method, path }) => `${method} ${path}`);
  expect(routes.sort()).toEqual(documented.sort());
});

test('every route that the document says needs a token needs one', async () => {
  expect(document.openapi).toBe('3.1.0');
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      const asked = path.replace(/\{\w+\}/g, '1');
      const { status } = await server.ask(asked, { method: method.toUpperCase(), token: null });
      expect([method, path, status === 401]).toEqual([method, path, security.length > 0]);
    }
  }
});
