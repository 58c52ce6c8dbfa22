import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { startStandIn } from './stand-in.js';

function portOf(standIn: StandIn): number {
  return Number(/127\.0\.0\.1:(\d+)$/.exec(standIn.launchArgs[0] ?? '')?.[1]);
}

test('closing ends connections in any stage, frees the port, and may be done twice', async () => {
  const standIn = await startStandIn();
  const socket = connect(portOf(standIn), '127.0.0.1');
  await once(socket, 'connect');
  const ended = once(socket, 'close');
  await standIn.close();
  await standIn.close();
  await ended;
  const refused = connect(portOf(standIn), '127.0.0.1');
  const [error] = await once(refused, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});

test('several stand-ins run side by side, each with its own phones', async () => {
  const [first, second] = [await startStandIn(), await startStandIn({ phoneNumber: '4915550100' })];
  expect(portOf(first)).not.toBe(portOf(second));
  expect(first.phone.number).toBe('12025550108');
  expect(second.phone.account.pn).toBe('4915550100@c.us');
  expect(() => first.addPhone('12025550108')).toThrow('there is a phone 12025550108 already');
  await first.close();
  await second.close();
});
