import path from 'node:path';
import { FaultyConnection } from '../test/services/faulty-proxy.js';
import type { S3Service } from '../test/services/service-types.js';
import { startService } from '../test/services/start-service.js';
import type { Random } from './random.js';

/** The kinds of server that are started for a run, with a proxy that cuts their connections. */
export const SERVER_KINDS = ['mongo', 's3', 'postgres', 'redis'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** Between two cuts, in milliseconds. */
const LEAST_PAUSE_MS = 300;
const MOST_PAUSE_MS = 6000;

/** Where the sessions are kept, and how one gets there. */
export interface Place {
  /** The URL for whoever looks at what the workers have done. */
  url: string;
  workersUrl: string;
  /** Cuts the workers' connections again and again, until the end. */
  startCutting(random: Random, onCut: () => void): void;
}

/** @param store a kind of server, a URL, or null for a folder of the run's own */
export async function openPlace(store: string | null, folder: string): Promise<Place> {
  const kind = SERVER_KINDS.find((each) => each === store);
  if (kind === undefined) {
    const url = store ?? `file:${path.join(folder, 'store')}`;
    return { url, workersUrl: url, startCutting: () => undefined };
  }
  const { address, urlOf } = await openServer(kind);
  const proxy = await FaultyConnection.to(address);
  return {
    url: urlOf(address),
    workersUrl: urlOf(proxy.url),
    startCutting(random, onCut) {
      const cut = () => {
        if (proxy.connections > 0) onCut();
        proxy.resetAll();
        setTimeout(cut, random.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
      };
      cut();
    },
  };
}

interface Server {
  address: string;
  /** A store's URL by way of this address. */
  urlOf(address: string): string;
}

async function openServer(kind: ServerKind): Promise<Server> {
  // It ends with this process.
  const { service } = await startService(kind);
  if ('endpoint' in service) return openBucket(service);
  const asIs = (url: string) => url;
  if ('url' in service) return { address: service.url, urlOf: asIs };
  const uri = new URL(service.uri);
  uri.pathname = '/holdfast-chaos';
  return { address: uri.href, urlOf: asIs };
}

async function openBucket(service: S3Service): Promise<Server> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { endpoint, region, ...credentials } = service;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Bucket = 'holdfast-chaos';
  await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  // The workers inherit them.
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  const urlOf = (address: string) =>
    `s3://${Bucket}/sessions?region=${region}&endpoint=${address.replace(/\/$/, '')}`;
  return { address: endpoint, urlOf };
}
