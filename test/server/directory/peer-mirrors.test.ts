import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import type { WorkerView } from '../../../src/fleet/session-view.js';
import { PeerMirrors } from '../../../src/server/directory/peer-mirrors.js';
import { sseText } from '../../../src/server/events/sse-stream.js';
import { SILENT } from '../../../src/server/log/log.js';
import { PeerClient } from '../../../src/server/peers/peer-client.js';
import { SimulatedFleet } from '../support/simulated-fleet.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test('what a worker tells is followed again after the connection has broken', async () => {
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    answers.push(response);
    server.emit('asked');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fleet = new SimulatedFleet();
  await fleet.add('sales');
  const held = fleet.take('sales');
  const unheld = fleet.describeUnheld('sales');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const worker: WorkerView = { ...fleet.self, id: 'other', address };
  const mirrors = new PeerMirrors(new PeerClient(Buffer.alloc(32)), () => 'own', SILENT);
  ends.push(
    () => mirrors.stop(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  let onChange: () => void = () => undefined;
  const changed = () => new Promise<void>((resolve) => (onChange = resolve));
  const nothing = () => undefined;
  const listeners = { onSession: () => onChange(), onChange: () => onChange() };
  mirrors.follow([worker], { ...listeners, onHappening: nothing, onMessage: nothing });
  await once(server, 'asked');

  const told = changed();
  answers[0]?.write(sseText('state', { sessions: [held.view], workers: [] }));
  await told;
  expect(mirrors.describe(worker, unheld)).toEqual(held.view);

  const lost = changed();
  const askedAgain = once(server, 'asked');
  answers[0]?.destroy();
  await lost;
  const alone = mirrors.describe(worker, unheld);
  expect([alone.state, alone.alerts]).toMatchObject(['waiting', [{ code: 'WORKER_UNREACHABLE' }]]);
  expect(alone.worker?.id).toBe('other');

  await askedAgain;
  const back = changed();
  // In pieces, as networks bring it.
  const text = sseText('state', { sessions: [held.view], workers: [] });
  answers[1]?.write(text.slice(0, 50));
  answers[1]?.write(text.slice(50));
  await back;
  expect(mirrors.describe(worker, unheld)).toEqual(held.view);

  // What fetch was asked with is garbage by now, and with it in Node 20 its signal.
  await collectGarbage();
  mirrors.follow([], { ...listeners, onHappening: nothing, onMessage: nothing });
  await once(answers[1] as ServerResponse, 'close');
});

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 5; times++) {
    collect();
    await nextTurn();
  }
}
