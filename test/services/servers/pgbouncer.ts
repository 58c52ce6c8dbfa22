import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Keepers } from '../keeper/keepers.js';
import { serverUser } from '../keeper/server-user.js';
import { findOrFetch } from '../programs/find-or-fetch.js';
import { programOf } from '../programs/installation.js';
import type { PgBouncerService, PostgresService } from '../service-types.js';
import { prepareFor } from './for-user.js';
import { freePort } from './free-port.js';
import { askPostgres } from './postgres.js';
import { startInKeeper } from './start-in-keeper.js';
import { untilReady } from './until-ready.js';

const pgbouncer = { title: 'PgBouncer', programs: ['pgbouncer'], packages: ['pgbouncer'] };

export async function startPgBouncer(
  keepers: Keepers,
  postgres: PostgresService,
): Promise<PgBouncerService> {
  const installed = await findOrFetch(pgbouncer, keepers);
  const user = serverUser();
  const server = new URL(postgres.url);
  return await startInKeeper(keepers, 'pgbouncer', user, async (keeper) => {
    const installation = prepareFor(user, keeper, installed);
    const port = await freePort();
    const users = path.join(keeper.folder, 'users.txt');
    writeFileSync(users, `"${server.username}" "${server.password}"\n`);
    const configuration = path.join(keeper.folder, 'pgbouncer.ini');
    writeFileSync(configuration, configurationFor(server, port, users));
    const { env } = installation;
    const program = programOf(installation, 'pgbouncer');
    const process = keeper.run(program, [configuration], { env, user });
    const url = new URL(server);
    url.port = String(port);
    await untilReady('PgBouncer', [process], () => askPostgres(url.href));
    return { url: url.href };
  });
}

function configurationFor(server: URL, port: number, users: string): string {
  return `[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
admin_users = ${decodeURIComponent(server.username)}
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
`;
}
