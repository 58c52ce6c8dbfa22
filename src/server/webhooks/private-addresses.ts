import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** What is not for everybody on the internet, by the IANA's registries of special addresses. */
const NOT_GLOBAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** All else of IPv6 is local, or another address in disguise. */
const GLOBAL_V6 = '2000::/3';
const NOT_GLOBAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const notGlobal = listOf([...NOT_GLOBAL_V4, ...NOT_GLOBAL_V6]);
const globalV6 = listOf([GLOBAL_V6]);

/** Whether an address is this machine, in its network, or in any other that is not the internet. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) {
    return notGlobal.check(address, 'ipv4') || ownNetworks().check(address, 'ipv4');
  }
  if (!isIPv6(address)) return true;
  return (
    !globalV6.check(address, 'ipv6') ||
    notGlobal.check(address, 'ipv6') ||
    ownNetworks().check(address, 'ipv6')
  );
}

function ownNetworks(): BlockList {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return listOf(all.map(({ cidr }) => cidr).filter((cidr) => cidr !== null));
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
