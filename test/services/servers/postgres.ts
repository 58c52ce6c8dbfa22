import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { Keepers } from '../keeper/keepers.js';
import { serverUser } from '../keeper/server-user.js';
import { findOrFetch } from '../programs/find-or-fetch.js';
import { programOf } from '../programs/installation.js';
import type { PostgresService } from '../service-types.js';
import { prepareFor } from './for-user.js';
import { freePort } from './free-port.js';
import { startInKeeper } from './start-in-keeper.js';
import { untilReady } from './until-ready.js';

const postgres = {
  title: 'PostgreSQL',
  programs: ['initdb', 'postgres'],
  packages: ['postgresql'],
  // Only its compiler of queries, which is switched off, and Debian's tools for administrators.
  withoutPackages: /^(libllvm|libz3|libperl|perl|locales|libc-l10n)/,
  folders: versionsBelow,
};

/** What is lost when the machine stops is of no interest; and each test file has its connections. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
};

export async function startPostgres(keepers: Keepers): Promise<PostgresService> {
  const installed = await findOrFetch(postgres, keepers);
  const user = serverUser();
  return await startInKeeper(keepers, 'postgres', user, async (keeper) => {
    const installation = prepareFor(user, keeper, installed);
    const options = { env: installation.env, user };
    const password = randomBytes(16).toString('hex');
    const passwordFile = path.join(keeper.folder, 'password');
    writeFileSync(passwordFile, password);
    const data = path.join(keeper.folder, 'data');
    await keeper.finish(
      programOf(installation, 'initdb'),
      [
        ...['--pgdata', data, '--username=postgres', `--pwfile=${passwordFile}`],
        ...['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync'],
      ],
      options,
    );
    const port = await freePort();
    const args = Object.entries({ ...settings, port }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const server = keeper.run(programOf(installation, 'postgres'), ['-D', data, ...args], {
      ...options,
      // Ends at once, and takes its shared memory along as SIGKILL does not.
      stopSignal: 'SIGQUIT',
    });
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    await untilReady('PostgreSQL', [server], () => askPostgres(url));
    return { url };
  });
}

/** Throws unless a server answers a query. */
export async function askPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end();
  }
}

/** Debian keeps the versions of PostgreSQL side by side, off the PATH; the newest comes first. */
function versionsBelow(root: string): string[] {
  const versions = path.join(root, 'usr', 'lib', 'postgresql');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => path.join(versions, version, 'bin'));
}
