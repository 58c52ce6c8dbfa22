import path from 'node:path';
import { libraryFolders } from '../programs/debian-packages.js';

export interface CephCluster {
  folder: string;
  id: string;
  monitorPort: number;
  gatewayPort: number;
  /** The folder that its programs take for `/`, when they were unpacked for us. */
  programRoot?: string | undefined;
}

/**
 * One monitor, one disk in memory and one gateway, without passwords among them. A manager only
 * gathers statistics, so there is none.
 */
export function cephConfiguration(cluster: CephCluster): string {
  const { folder, id, monitorPort, gatewayPort, programRoot } = cluster;
  const log = path.join(folder, '$name.log');
  return `[global]
fsid = ${id}
mon initial members = a
mon host = v1:127.0.0.1:${monitorPort}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
ms bind msgr2 = false
ms bind ipv4 = true
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
run dir = ${folder}
crash dir = ${folder}
admin socket =
pid file =
log file = ${log}
keyring = ${path.join(folder, 'keyring')}
${programRoot === undefined ? '' : pluginFolders(programRoot)}
[mon]
mon data = ${path.join(folder, 'mon')}
mon cluster log file = ${log}
# Its first minute is many small decisions, each of which it would otherwise collect for a second.
paxos propose interval = 0.02
paxos min wait = 0.01
[osd]
osd data = ${path.join(folder, 'osd')}
osd objectstore = memstore
memstore device bytes = 6442450944
osd op queue = wpq
osd class update on start = false
osd crush update on start = false
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = ${path.join(folder, 'gateway')}
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw enable usage log = false
rgw override bucket index max shards = 1
# What is deleted or overwritten is memory: it is given back at once, not after two hours.
rgw gc obj min wait = 0
rgw gc processor period = 30
`;
}

function pluginFolders(root: string): string {
  const [libraries = ''] = libraryFolders(root);
  return `plugin dir = ${path.join(libraries, 'ceph')}
erasure code dir = ${path.join(libraries, 'ceph', 'erasure-code')}
osd class dir = ${path.join(libraries, 'rados-classes')}`;
}
