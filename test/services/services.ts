import { askBroker } from './ask-broker.js';
import type { ServiceName, Services } from './service-types.js';
import { skipper } from './skip.js';

export type {
  MongoService,
  PgBouncerService,
  PostgresService,
  RedisService,
  S3Service,
  ServiceName,
  Services,
} from './service-types.js';

const titles: { [K in ServiceName]: string } = {
  mongo: 'MongoDB',
  s3: 'S3',
  postgres: 'PostgreSQL',
  pgbouncer: 'PgBouncer',
  redis: 'Redis',
};

/**
 * A real server, for `beforeAll` and tests:
 *
 *     beforeAll(async () => { client = new MongoClient((await useService('mongo')).uri); });
 *
 * It is started when the first test file asks for it, shared by all that do, and ended with the run.
 * Where it cannot be had, the tests that wait for it are skipped, with the reason; with
 * HOLDFAST_TEST_ALL=1 that is a failure. `afterAll` runs all the same: `await client?.close()`.
 */
export async function useService<K extends ServiceName>(name: K): Promise<Services[K]> {
  const skip = skipper();
  const answer = await askBroker(name);
  if ('service' in answer) return answer.service;
  const message = `${titles[name]} cannot be had here: ${answer.reason}`;
  if (process.env.HOLDFAST_TEST_ALL === '1') throw new Error(message);
  return skip(message);
}
