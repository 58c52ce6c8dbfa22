import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { FleetEvents } from '../../../src/fleet/fleet-events.js';
import { createLog, logFleet } from '../../../src/server/log/create-log.js';
import type { LogFields } from '../../../src/server/log/log.js';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

function written(format: 'text' | 'json', event: string, fields?: LogFields): string {
  const lines: string[] = [];
  createLog({ format, write: (line) => lines.push(line) }).write('warn', event, fields);
  expect(lines).toHaveLength(1);
  return lines.join('');
}

test('writes an object a line', () => {
  const line = written('json', 'session_failed', {
    session: 'sales',
    code: 'BROWSER_CLOSED',
    message: 'Gone.\nAgain.',
    failures: 2,
  });
  expect(line.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(line)).toEqual({
    level: 'warn',
    time: expect.stringMatching(TIME),
    event: 'session_failed',
    session: 'sales',
    code: 'BROWSER_CLOSED',
    message: 'Gone.\nAgain.',
    failures: 2,
  });
});

test('writes a line for people', () => {
  const fields = { session: 'sales', message: 'It ended.', failures: 2, nextTryMs: null };
  const line = written('text', 'session_failed', fields);
  expect(line.replace(TIME, 'TIME')).toBe(
    'TIME warn  session_failed sales: It ended. (failures=2)\n',
  );
  expect(written('text', 'started').replace(TIME, 'TIME')).toBe('TIME warn  started\n');
});

test('nothing in an entry makes another line, or speaks to the terminal', () => {
  const line = written('text', 'odd', { message: 'a\r\n2026 fake\u001b[31m\u2028x' });
  expect(line.replace(TIME, 'TIME')).toBe('TIME warn  odd: a 2026 fake [31m x\n');
});

test('writes what the fleet says', () => {
  const fleet = new EventEmitter<FleetEvents>();
  const lines: string[] = [];
  logFleet(fleet, createLog({ format: 'json', write: (line) => lines.push(line) }));
  fleet.emit('log', { level: 'error', event: 'worker_lost', message: 'It begins anew.' });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'error',
      time: expect.any(String),
      event: 'worker_lost',
      message: 'It begins anew.',
    },
  ]);
});

const QR = `2@${'aB3+/x'.repeat(12)},${'k9='.repeat(14)},Zm9v${'q'.repeat(30)}=,1`;
const TOKEN = 'q0_Zf3-9aWcR7tYhUjK2mNbVxS5dE1gLpO8iQzTwA4c';

test.each([
  ['a QR', { message: `The QR ${QR} was shown.` }, QR.slice(5, 40)],
  ['a QR of its own', { qr: QR }, QR.slice(5, 40)],
  ['a pairing code', { message: 'Type 7K3B-9XMQ now.' }, '9XMQ'],
  ['a pairing code without digits', { message: 'Type ABCDEFGH now.' }, 'ABCDEFGH'],
  ['a pairing code as a field', { code: 'ABCDEFGH' }, 'ABCDEFGH'],
  ['a pairing code in a view', { view: { code: { code: '7K3B9XMQ' } } }, '7K3B9XMQ'],
  ['a token', { message: `GET /link/${TOKEN} failed` }, TOKEN],
  ['a token by its name', { adminToken: 'short' }, 'short'],
  ['a token in a header', { message: 'Authorization: Bearer abc.def' }, 'abc.def'],
  ['a token in an address', { message: 'http://h/?access_token=abc&x=1' }, 'abc'],
  ["a store's password", { message: 'mongodb://me:pa55@db/ is away' }, 'pa55'],
  ["a message's text", { message: { body: 'I love you' } }, 'love'],
  ['a secret in an error', { error: new Error(`bad ${TOKEN}`) }, TOKEN],
  ['a cookie', { headers: { Cookie: 'holdfast=x.y' } }, 'x.y'],
  ['a key', { secret: Buffer.from('hush') }, 'hush'],
])('never writes %s', (_what, fields, secret) => {
  for (const format of ['text', 'json'] as const) {
    const line = written(format, 'event', fields);
    expect(line).not.toContain(secret);
    expect(line).toContain('[hidden]');
  }
});

test.each([
  ['12025550108@c.us wrote', '…108@c.us wrote'],
  ['+1 (202) 555-0108 has no WhatsApp', '…108 has no WhatsApp'],
  ['session-12025550108/Default', 'session-…108/Default'],
  ['chat 12025550108-1520000000@g.us', 'chat …108-…000@g.us'],
])('leaves three digits of the phone number in "%s"', (message, expected) => {
  expect(JSON.parse(written('json', 'event', { message })).message).toBe(expected);
});

test('shortens phone numbers that come by their name', () => {
  expect(JSON.parse(written('json', 'event', { phone: '4930901820' })).phone).toBe('…820');
  expect(JSON.parse(written('json', 'event', { phone: 4930901820 })).phone).toBe('…820');
});

test('leaves what an operator needs', () => {
  const fields = {
    session: '12025550108',
    code: 'STORE_UNREACHABLE',
    message: 'http://10.0.0.5:8480 did not answer in 15000 ms: packs/RemoteAuth/7-12-0 CONFLICT',
    address: 'http://worker-1.internal:8480',
    worker: '12345678-2a54-4f0e-9d3b-6a1f0c9e7b55',
    size: 104857600,
    at: '2026-11-05T12:00:00.000Z',
  };
  expect(JSON.parse(written('json', 'event', fields))).toMatchObject(fields);
  const bytes = { message: 'It has 1073741824 bytes.' };
  expect(JSON.parse(written('json', 'event', bytes))).toMatchObject(bytes);
});
