import { givenService } from './given.js';
import { Keepers } from './keeper/keepers.js';
import { startMongo } from './servers/mongo.js';
import { startPgBouncer } from './servers/pgbouncer.js';
import { startPostgres } from './servers/postgres.js';
import { startRedis } from './servers/redis.js';
import { startS3 } from './servers/s3.js';
import type { ServiceName, Services } from './service-types.js';

/**
 * Starts a server, for programs that are not tests. It ends with `stop`, and in any case when this
 * process does. Throws `Unavailable` when it cannot be had here.
 */
export async function startService<K extends ServiceName>(
  name: K,
): Promise<{ service: Services[K]; stop: () => Promise<void> }> {
  const servers = new RunningServices();
  const service = await servers.get(name);
  return { service, stop: () => servers.stop() };
}

/** Each is started when it is first asked for, and once. */
export class RunningServices {
  readonly #keepers = new Keepers();
  readonly #started = new Map<ServiceName, Promise<Services[ServiceName]>>();

  get<K extends ServiceName>(name: K): Promise<Services[K]> {
    const started = this.#started.get(name) ?? this.#start(name);
    this.#started.set(name, started);
    return started as Promise<Services[K]>;
  }

  /** Ends at once, also what is about to start. */
  async stop(): Promise<void> {
    await this.#keepers.endAll();
    await Promise.allSettled(this.#started.values());
  }

  async #start(name: ServiceName): Promise<Services[ServiceName]> {
    return givenService(name) ?? (await this.#starters[name]());
  }

  readonly #starters: { [K in ServiceName]: () => Promise<Services[K]> } = {
    mongo: () => startMongo(this.#keepers),
    s3: () => startS3(this.#keepers),
    postgres: () => startPostgres(this.#keepers),
    pgbouncer: async () => startPgBouncer(this.#keepers, await this.get('postgres')),
    redis: () => startRedis(this.#keepers),
  };
}
