import type { RequestOptions } from 'node:http';
import { z } from 'zod';
import type { Route } from '../../../src/server/route.js';
import { ADMIN, VIEWER } from '../support/test-server.js';
import type { Random } from './random.js';

/** What must never come back as it is in a page or a header. */
export const MARK = '<i onclick=fuzz()>';

const NAMES = [
  'sales',
  'empty',
  'nobody',
  'RemoteAuth',
  'RemoteAuth-sales',
  '..',
  '.',
  '../../etc/passwd',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '%0d%0aSet-Cookie:%20x-fuzz=1',
  '__proto__',
  'constructor',
  'heads%2Fx',
  'é',
  '😀',
  '1',
  '-1',
  '0',
  '1e309',
  '99999999999999999999',
  'NaN',
  ' ',
  '',
  "';--",
  '{{7*7}}',
  MARK,
  'x'.repeat(190),
  'x'.repeat(5_000),
];
const TEXTS = [
  ...NAMES,
  '12025550108',
  '12025550108@c.us',
  'http://127.0.0.1/',
  'file:///etc/passwd',
];
const VALUES: unknown[] = [
  ...TEXTS,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  60,
  [],
  {},
  ['message'],
  [MARK],
];
const FIELDS = [
  'id',
  'to',
  'text',
  'phone',
  'token',
  'url',
  'events',
  'validMinutes',
  '__proto__',
  MARK,
];
const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'];
const TYPES = [
  'application/json',
  'application/json; charset=x',
  'text/plain',
  'multipart/form-data',
  MARK,
];
// Wrong tokens are few: they are counted, and then right ones are refused as well.
const AUTHORIZATIONS = [
  `Bearer ${ADMIN}`,
  `Bearer ${VIEWER}`,
  'Bearer',
  'Basic eDp5',
  MARK,
  'Bearer é',
];
const HEADERS: Record<string, string>[] = [
  {},
  { Cookie: 'holdfast=admin.9999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  { Cookie: '=; ;;holdfast' },
  { 'X-Holdfast-Worker': 'role=admin,time=1,nonce=x' },
  { 'X-Holdfast-Worker': MARK, Cookie: 'a=b' },
  { Origin: 'https://evil.example', 'X-Holdfast': '1' },
  { 'If-None-Match': MARK },
  { Range: 'bytes=0-1' },
  { 'Content-Encoding': 'gzip' },
  { Accept: MARK, 'Accept-Language': MARK, Referer: MARK, 'User-Agent': MARK },
  {
    'X-Forwarded-For': MARK,
    'X-Forwarded-Host': 'evil.example',
    'X-HTTP-Method-Override': 'DELETE',
  },
  { Host: 'evil.example' },
];

export interface OddRequest {
  options: RequestOptions & { path: string; method: string };
  body: Buffer | undefined;
}

/** A request for one of the routes, or nearly, with something odd about it more often than not. */
export function oddRequest(random: Random, routes: readonly Route[]): OddRequest {
  const route = random.oneOf(routes);
  const method = random.chance(80) ? route.method.toUpperCase() : random.oneOf(METHODS);
  const body = method === 'GET' || method === 'HEAD' ? undefined : oddBody(random, route);
  const headers: Record<string, string> = {
    ...(random.chance(85) && {
      Authorization: random.chance(80) ? `Bearer ${ADMIN}` : random.oneOf(AUTHORIZATIONS),
    }),
    ...(body !== undefined && {
      'Content-Type': random.chance(85) ? 'application/json' : random.oneOf(TYPES),
      'Content-Length': String(body.length),
    }),
    ...(random.chance(30) && random.oneOf(HEADERS)),
  };
  const sendable = Object.entries(headers).map(([name, value]) => [name, latin1(value)]);
  return {
    options: { method, path: oddPath(random, route.path), headers: Object.fromEntries(sendable) },
    body,
  };
}

function oddPath(random: Random, template: string): string {
  const filled = template.replace(/\{\w+\}/g, () =>
    random.chance(50) ? 'sales' : sendableName(random),
  );
  const query = random.chance(25)
    ? `?${random.oneOf(FIELDS)}=${random.oneOf(NAMES)}&purge=maybe`
    : '';
  const extra = random.chance(8) ? random.oneOf(['/', '//', '/..', '%2f', '.json', ';a=b']) : '';
  return latin1(filled + extra + query).replace(/[^\x21-\xff]/g, '+');
}

function sendableName(random: Random): string {
  const name = random.oneOf(NAMES);
  return random.chance(50) ? encodeURIComponent(name) : name;
}

function oddBody(random: Random, { body }: Route): Buffer | undefined {
  if (random.chance(15)) return undefined;
  if (random.chance(5)) return Buffer.alloc(70_000, '[');
  if (random.chance(5)) return Buffer.from('['.repeat(20_000));
  if (random.chance(5)) return Buffer.from([0x7b, 0xff, 0xc0, 0x80, 0x7d]);
  if (random.chance(10)) return Buffer.from(JSON.stringify(random.oneOf(VALUES)));
  const known = body instanceof z.ZodObject ? Object.keys(body.shape) : [];
  const names = random.chance(75) ? known : [...known, random.oneOf(FIELDS)];
  const pairs = names.map((name) => [name, random.oneOf(random.chance(50) ? TEXTS : VALUES)]);
  // As text: `__proto__` is to be a member like others.
  const members = pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return Buffer.from(`{${members.join()}}`);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
