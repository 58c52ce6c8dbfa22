import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Keeper, KeptProcess, RunOptions } from '../keeper/keeper.js';
import type { Keepers } from '../keeper/keepers.js';
import { findOrFetch } from '../programs/find-or-fetch.js';
import { type Installation, programOf } from '../programs/installation.js';
import type { S3Service } from '../service-types.js';
import { cephConfiguration } from './ceph-configuration.js';
import { freePort } from './free-port.js';
import { startInKeeper } from './start-in-keeper.js';
import { untilReady } from './until-ready.js';

/** It checks signatures and has compare-and-set, which the small S3 servers of npm do not. */
const ceph = {
  title: 'Ceph (S3)',
  programs: ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool', 'osdmaptool'],
  packages: ['ceph-mon', 'ceph-osd', 'radosgw'],
  // What prepares real disks, and the tools for administrators.
  withoutPackages: /^(python3|libpython3|lvm2|xfsprogs|smartmontools|nvme-cli|sudo|binutils)/,
};

export async function startS3(keepers: Keepers): Promise<S3Service> {
  const installation = await findOrFetch(ceph, keepers);
  return await startInKeeper(keepers, 's3', undefined, async (keeper) => {
    const cluster = new Cluster(keeper, installation);
    const endpoint = await cluster.start();
    const accessKeyId = randomBytes(10).toString('hex');
    const secretAccessKey = randomBytes(20).toString('hex');
    await cluster.finish('radosgw-admin', [
      ...['user', 'create', '--uid=tests', '--display-name=Tests'],
      ...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`],
    ]);
    return { endpoint, region: 'us-east-1', accessKeyId, secretAccessKey };
  });
}

class Cluster {
  readonly #keeper: Keeper;
  readonly #installation: Installation;
  readonly #configuration: string;

  constructor(keeper: Keeper, installation: Installation) {
    this.#keeper = keeper;
    this.#installation = installation;
    this.#configuration = this.#inFolder('ceph.conf');
  }

  /** Gives the address of its gateway. */
  async start(): Promise<string> {
    const id = randomUUID();
    const [monitorPort, gatewayPort] = [await freePort(), await freePort()];
    const { folder } = this.#keeper;
    const { root } = this.#installation;
    const cluster = { folder, id, monitorPort, gatewayPort, programRoot: root };
    writeFileSync(this.#configuration, cephConfiguration(cluster));
    writeFileSync(this.#inFolder('keyring'), '');
    for (const name of ['mon', 'osd', 'gateway']) mkdirSync(this.#inFolder(name));

    const monitor = await this.#startMonitor(id, monitorPort);
    await this.finish('ceph-osd', ['--id=0', '--mkfs', `--osd-uuid=${randomUUID()}`]);
    const disk = this.#run('ceph-osd', ['--id=0']);
    const gateway = this.#run('radosgw', ['--name=client.rgw']);
    const endpoint = `http://127.0.0.1:${gatewayPort}`;
    await untilReady(ceph.title, [monitor, disk, gateway], async () => {
      const { ok, status } = await fetch(endpoint);
      if (!ok) throw new Error(`it answered with ${status}`);
    });
    return endpoint;
  }

  /** The disk is in its first map, so that nobody has to announce it: that needs Python. */
  async #startMonitor(id: string, port: number): Promise<KeptProcess> {
    const [monitors, disks] = [this.#inFolder('monitors'), this.#inFolder('disks')];
    const address = `[v1:127.0.0.1:${port}]`;
    await this.finish('monmaptool', ['--create', '--fsid', id, '--addv', 'a', address, monitors]);
    await this.finish('osdmaptool', ['--createsimple', '1', disks]);
    const maps = [`--monmap=${monitors}`, `--osdmap=${disks}`];
    await this.finish('ceph-mon', ['--id=a', '--mkfs', ...maps]);
    return this.#run('ceph-mon', ['--id=a']);
  }

  async finish(program: string, args: string[]): Promise<void> {
    const all = [`--conf=${this.#configuration}`, ...args];
    await this.#keeper.finish(programOf(this.#installation, program), all, this.#environment);
  }

  #run(program: string, args: string[]): KeptProcess {
    const all = [`--conf=${this.#configuration}`, '--foreground', ...args];
    return this.#keeper.run(programOf(this.#installation, program), all, this.#environment);
  }

  get #environment(): RunOptions {
    return { env: this.#installation.env };
  }

  #inFolder(name: string): string {
    return path.join(this.#keeper.folder, name);
  }
}
