import { fileURLToPath } from 'node:url';
import { HoldfastError } from '../errors.js';

/** The scheme of a store's URL, in lower case; null when it has none. A drive letter is none. */
export function schemeOf(url: string): string | null {
  return /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

/**
 * A store's URL as it may be shown: without user, password and options, of which some are secrets.
 */
export function shownUrl(url: string): string {
  if (schemeOf(url) === 'file') return url;
  return url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/s, '');
}

/** The path of `file:./relative`, `file:/absolute`, `file:///absolute`, `file:C:\x`. */
export function pathOfFileUrl(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
  if (path !== '') return path;
  throw new HoldfastError('INVALID_OPTION', 'The store has no path: write file:./sessions.');
}

const S3_PARAMETERS = ['region', 'endpoint'];

/** What `s3://bucket/prefix?region=&endpoint=` says. */
export function partsOfS3Url(url: string): {
  bucketName: string;
  remoteDataPath: string;
  region: string | undefined;
  endpoint: string | undefined;
} {
  const form = 's3://bucket/prefix?region=eu-central-1';
  const parts = /^s3:\/\/([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/is.exec(url);
  if (parts === null) {
    throw new HoldfastError(
      'INVALID_OPTION',
      `The URL of an S3 store must look like ${form}. Credentials do not belong into it: the AWS SDK ` +
        'takes them from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or its other usual places.',
    );
  }
  const [, bucketName = '', prefix = '', query = ''] = parts;
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (S3_PARAMETERS.includes(name)) continue;
    throw new HoldfastError(
      'INVALID_OPTION',
      `The URL of an S3 store has no parameter "${name}". Known: ${S3_PARAMETERS.join(', ')}.`,
    );
  }
  return {
    bucketName,
    remoteDataPath: decodeURIComponent(prefix),
    region: parameters.get('region') ?? undefined,
    endpoint: parameters.get('endpoint') ?? undefined,
  };
}
