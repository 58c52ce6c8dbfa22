import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { MongoClient } from 'mongodb';
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultyConnection } from './faulty-proxy.js';
import { useService } from './services.js';

/** A server that gives back what it gets, and what it got. */
let server: Server;
let received: string;
let connectionsOfServer = 0;
let proxy: FaultyConnection;
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  server = createServer((socket) => {
    connectionsOfServer += 1;
    socket.on('close', () => {
      connectionsOfServer -= 1;
    });
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received += data;
      socket.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultyConnection.to(`tcp://127.0.0.1:${portOfServer()}`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  server.close();
  await once(server, 'close');
});

function portOfServer(): number {
  return (server.address() as AddressInfo).port;
}

async function newClient(port = proxy.port): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

/** What comes back for it. Rejects when the connection ends before. */
async function echo(client: Socket, text: string): Promise<string> {
  let answer = '';
  client.write(text);
  while (answer.length < text.length) {
    const [data] = await Promise.race([once(client, 'data'), untilReset(client)]);
    answer += data;
  }
  return answer;
}

async function untilReset(client: Socket): Promise<never> {
  await once(client, 'close');
  throw new Error('the connection was closed without a reset');
}

const reset = { code: 'ECONNRESET' };

it('passes everything on, both ways, and its end', async () => {
  const client = await newClient();
  const text = 'x'.repeat(3_000_000);
  expect(await echo(client, text)).toBe(text);
  client.end();
  await once(client, 'end');
  client.destroy();
  await expect.poll(() => proxy.connections).toBe(0);
});

it('refuses new connections and keeps the open ones', async () => {
  const client = await newClient();
  proxy.refuse();
  await expect(newClient()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await echo(client, 'a')).toBe('a');
  await proxy.pass();
  expect(await echo(await newClient(), 'b')).toBe('b');
});

it('resets all open connections', async () => {
  const open = [await newClient(), await newClient()];
  for (const client of open) await echo(client, 'a');
  const ends = Promise.allSettled(open.map((client) => once(client, 'data')));
  proxy.resetAll();
  const end = { status: 'rejected', reason: expect.objectContaining(reset) };
  expect(await ends).toEqual([end, end]);
  expect(proxy.resets).toBe(2);
  expect(await echo(await newClient(), 'b')).toBe('b');
});

it('stalls open and new connections, and then goes on', async () => {
  const client = await newClient();
  await echo(client, 'a');
  proxy.stall();
  const answers = [echo(client, 'b'), echo(await newClient(), 'c')];
  await echo(await newClient(portOfServer()), 'past the proxy');
  expect(received).toBe('apast the proxy');
  await proxy.pass();
  expect(await Promise.all(answers)).toEqual(['b', 'c']);
});

describe('reset after a number of bytes', () => {
  it('on the way up: so many have reached the server', async () => {
    const client = await newClient();
    await echo(client, 'before');
    const struck = proxy.resetAfter(4, 'up');
    await expect(echo(client, 'interrupted')).rejects.toMatchObject(reset);
    await struck;
    await expect.poll(() => received).toBe('beforeinte');
    expect(await echo(await newClient(), 'after')).toBe('after');
  });

  it('on the way down: so many have reached the client', async () => {
    const client = await newClient();
    let answer = '';
    client.on('data', (data) => {
      answer += data;
    });
    const struck = proxy.resetAfter(4, 'down');
    client.write('interrupted');
    await expect(once(client, 'end')).rejects.toMatchObject(reset);
    await struck;
    expect([received, answer]).toEqual(['interrupted', 'inte']);
  });

  it('counts from what was chosen', async () => {
    const [one, other] = [await newClient(), await newClient()];
    const struck = proxy.resetAfter(3, 'up', (data) => data.includes('now'));
    expect(await echo(one, 'not yet')).toBe('not yet');
    await expect(echo(other, 'now it does')).rejects.toMatchObject(reset);
    await struck;
    expect(await echo(one, 'and not here')).toBe('and not here');
  });
});

it('drops an answer: the server did it, the client cannot know', async () => {
  const [one, other] = [await newClient(), await newClient()];
  const struck = proxy.dropNextAnswer((request) => request.includes('swap'));
  expect(await echo(one, 'get')).toBe('get');
  await expect(echo(other, 'swap')).rejects.toMatchObject(reset);
  await struck;
  expect(received).toBe('getswap');
  expect(await echo(one, 'swap')).toBe('swap');
});

it('lets "100 Continue" pass when it drops an answer', async () => {
  const client = await newClient();
  const struck = proxy.dropNextAnswer();
  const goAhead = 'HTTP/1.1 100 Continue\r\n\r\n';
  expect(await echo(client, goAhead)).toBe(goAhead);
  await expect(echo(client, 'body')).rejects.toMatchObject(reset);
  await struck;
});

it('cuts at random, at the same places for the same seed', async () => {
  const lengths = async (seed: number) => {
    proxy.cutAtRandom(seed, 1_000);
    const seen: number[] = [];
    for (let round = 0; round < 5; round++) {
      const client = await newClient();
      const before = received.length;
      await expect(echo(client, 'x'.repeat(2_000))).rejects.toMatchObject(reset);
      await expect.poll(() => connectionsOfServer).toBe(0);
      seen.push(received.length - before);
    }
    return seen;
  };
  const [first, again, another] = [await lengths(1), await lengths(1), await lengths(2)];
  expect(again).toEqual(first);
  expect(another).not.toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(1);
});

it('resets what is open when it is closed', async () => {
  const client = await newClient();
  proxy.stall();
  await proxy.close();
  await expect(once(client, 'data')).rejects.toMatchObject(reset);
});

describe('before a real server', () => {
  it('Redis: a client gets through again after a cut', async () => {
    const { url } = await useService('redis');
    const before = await FaultyConnection.to(url);
    const client = createClient({ url: before.url });
    client.on('error', () => {});
    await client.connect();
    const struck = before.dropNextAnswer((request) => request.includes('SET'));
    await expect(client.set('faulty-proxy', 'kept')).rejects.toThrow();
    await struck;
    expect(await client.get('faulty-proxy')).toBe('kept');
    client.destroy();
    await before.close();
  });

  it('MongoDB: the client stays with the proxy, and repeats a write by itself', async () => {
    const { uri } = await useService('mongo');
    const before = await FaultyConnection.to(uri);
    const client = new MongoClient(before.url);
    const things = client.db('faulty-proxy').collection<{ _id: string }>('things');
    const struck = before.dropNextAnswer((request) => request.includes('insert'));
    await things.insertOne({ _id: 'one' }).catch(() => {});
    await struck;
    expect(await things.countDocuments()).toBe(1);
    expect(before.resets).toBe(1);
    await client.close();
    await before.close();
  });
});
