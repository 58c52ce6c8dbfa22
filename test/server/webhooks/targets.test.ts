import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { whyNotPublic } from '../../../src/server/webhooks/target/address-guard.js';
import { Receiver } from './receiver.js';
import { startWebhooks, untilEnded } from './started.js';

const PUBLIC = { address: '93.184.216.34', family: 4 };
const LOOPBACK = { address: '127.0.0.1', family: 4 };

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.100.100.200', 'carrier-grade NAT'],
  ['169.254.169.254', 'link-local'],
  ['168.63.129.16', 'cloud metadata'],
  ['192.0.0.192', 'reserved'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['fd00:ec2::254', 'unique-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['ff02::1', 'multicast'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:a00:1', 'private'],
  ['::ffff:93.184.216.34', 'IPv4-mapped'],
  ['::127.0.0.1', 'reserved'],
  ['64:ff9b::7f00:1', 'translated'],
  ['2002:7f00:1::', 'translated'],
  ['172.15.0.1', null],
  ['172.32.0.1', null],
  ['100.128.0.1', null],
  ['93.184.216.34', null],
  ['2606:2800:220:1::1', null],
])('%s: %s', (address, why) => {
  expect(whyNotPublic(address)).toBe(why);
});

test("this machine's own addresses are not for receivers", () => {
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  for (const { address } of own) expect(whyNotPublic(address)).not.toBeNull();
});

test.each([
  ['ftp://example.com/', 'neither https:// nor http://'],
  ['file:///etc/passwd', 'neither https:// nor http://'],
  ['example.com', 'no URL'],
  ['http://me:secret@example.com/', 'user name or password'],
  [`https://example.com/${'x'.repeat(1000)}`, '1000 characters'],
  ['http://127.0.0.1:8480/', 'no public address (loopback)'],
  ['http://0x7f.1/', 'no public address (loopback)'],
  ['http://2130706433/', 'no public address (loopback)'],
  ['http://[::ffff:10.0.0.1]/', 'no public address (private)'],
  ['http://[fd00::1]/', 'no public address (unique-local)'],
  ['http://169.254.169.254/latest/meta-data/', 'no public address (link-local)'],
  ['http://inside.example/', '10.0.0.5, where inside.example leads, is no public address'],
  ['http://both.example/', 'is no public address (loopback)'],
  ['http://nowhere.example/', 'nowhere.example was not found'],
])('%s is refused, with the reason', async (url, reason) => {
  const { webhooks } = await startWebhooks({
    allowPrivate: false,
    lookup: async (host) => {
      if (host === 'inside.example') return [{ address: '10.0.0.5', family: 4 }];
      if (host === 'both.example') return [PUBLIC, LOOPBACK];
      throw new Error(`getaddrinfo ENOTFOUND ${host}`);
    },
  });
  await expect(webhooks.add({ url })).rejects.toMatchObject({
    code: 'WEBHOOK_REFUSED',
    message: expect.stringContaining(reason),
  });
  expect(await webhooks.list()).toEqual([]);
});

test('goes to the address that was looked at, whatever the name leads to otherwise', async () => {
  const receiver = await Receiver.start();
  const { webhooks } = await startWebhooks({ lookup: async () => [LOOPBACK] });
  const url = `http://hooks.example:${receiver.port}/`;
  const { id } = await webhooks.add({ url });
  await webhooks.test(id);
  await receiver.untilReceived(1);
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example:${receiver.port}`);
});

test('a name that leads inside later is refused at the delivery', async () => {
  const receiver = await Receiver.start();
  const answers = [[PUBLIC]];
  const { webhooks } = await startWebhooks({
    allowPrivate: false,
    lookup: async () => answers.shift() ?? [LOOPBACK],
  });
  const { id } = await webhooks.add({ url: `http://rebound.example:${receiver.port}/` });
  await webhooks.test(id);
  const [delivery] = await untilEnded(webhooks, id);
  expect(delivery?.state).toBe('failed');
  expect(delivery?.attempts).toHaveLength(5);
  expect(delivery?.attempts[0]?.error).toContain('is no public address (loopback)');
  expect(receiver.received).toEqual([]);
});
