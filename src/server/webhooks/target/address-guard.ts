import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

type Range = [address: string, prefix: number];

// IANA's special-purpose registries (RFC 6890 and its updates).
const NOT_PUBLIC_IPV4: [kind: string, ...Range[]][] = [
  ['unspecified', ['0.0.0.0', 8]],
  ['loopback', ['127.0.0.0', 8]],
  ['private', ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]],
  ['carrier-grade NAT', ['100.64.0.0', 10]],
  ['link-local', ['169.254.0.0', 16]],
  ['multicast', ['224.0.0.0', 4]],
  // Azure's, the one metadata address that is none of these kinds.
  ['cloud metadata', ['168.63.129.16', 32]],
  ['reserved', ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['198.18.0.0', 15]],
  ['reserved', ['198.51.100.0', 24], ['203.0.113.0', 24], ['240.0.0.0', 4]],
];
const NOT_PUBLIC_IPV6: [kind: string, ...Range[]][] = [
  ['unspecified', ['::', 128]],
  ['loopback', ['::1', 128]],
  ['unique-local', ['fc00::', 7]],
  ['link-local', ['fe80::', 10], ['fec0::', 10]],
  ['multicast', ['ff00::', 8]],
  // They lead to an IPv4 address that is written in them.
  ['translated', ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['2002::', 16], ['2001::', 32]],
  ['reserved', ['2001:db8::', 32], ['3fff::', 20]],
];
/** All that is given out to the public so far (RFC 4291). */
const PUBLIC_IPV6: Range = ['2000::', 3];

const LISTS = [...listsOf(NOT_PUBLIC_IPV4, 'ipv4'), ...listsOf(NOT_PUBLIC_IPV6, 'ipv6')];
const publicIpv6 = new BlockList();
publicIpv6.addSubnet(...PUBLIC_IPV6, 'ipv6');
const mappedIpv4 = new BlockList();
mappedIpv4.addSubnet('::ffff:0:0', 96, 'ipv6');

/**
 * Why an address must not be reached by somebody who may only speak to the public: the kind of
 * address it is, or null when it is a public one of another machine.
 */
export function whyNotPublic(address: string): string | null {
  // A zone says which of this machine's links is meant.
  if (address.includes('%')) return 'link-local';
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  // BlockList looks at an IPv4-mapped address as IPv4 too.
  const found = LISTS.find(({ ranges }) => ranges.check(address, family));
  if (found !== undefined) return found.kind;
  const isMapped = family === 'ipv6' && mappedIpv4.check(address, 'ipv6');
  if (isMapped) return 'IPv4-mapped';
  if (family === 'ipv6' && !publicIpv6.check(address, 'ipv6')) return 'reserved';
  return isOwn(address) ? "this machine's own" : null;
}

function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const addresses = new BlockList();
  for (const { address: one, family } of own) {
    addresses.addAddress(one, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return addresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function listsOf(kinds: [kind: string, ...Range[]][], family: 'ipv4' | 'ipv6') {
  return kinds.map(([kind, ...found]) => {
    const ranges = new BlockList();
    for (const [address, prefix] of found) ranges.addSubnet(address, prefix, family);
    return { kind, ranges };
  });
}
