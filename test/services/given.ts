import type { ServiceName, Services } from './service-types.js';

/** A server that the environment names, which is then used instead of one of our own. */
export function givenService<K extends ServiceName>(name: K): Services[K] | undefined {
  return given[name]();
}

const given: { [K in ServiceName]: () => Services[K] | undefined } = {
  mongo: () => from('MONGODB_URI', (uri) => ({ uri })),
  postgres: () => from('POSTGRES_URL', (url) => ({ url })),
  pgbouncer: () => from('PGBOUNCER_URL', (url) => ({ url })),
  redis: () => from('REDIS_URL', (url) => ({ url })),
  s3: () =>
    from('S3_ENDPOINT', (endpoint) => ({
      endpoint,
      region: process.env.AWS_REGION ?? 'us-east-1',
      accessKeyId: required('AWS_ACCESS_KEY_ID'),
      secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    })),
};

function from<S>(variable: string, serviceOf: (value: string) => S): S | undefined {
  const value = process.env[variable];
  return value ? serviceOf(value) : undefined;
}

function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`S3_ENDPOINT is set, ${variable} is not`);
  return value;
}
