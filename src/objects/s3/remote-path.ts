import path from 'node:path';
import { HoldfastError } from '../../errors.js';

/** S3 takes keys of 1024 bytes; a store's own have up to 512, and the slash comes before them. */
const MAX_BYTES = 511;

/** The form of a `remoteDataPath` that keys begin with: no slash at its ends, may be empty. */
export function remotePath(given: string): string {
  const inside = joinedAsBefore(given).replace(/^\/+|\/+$/g, '');
  if (inside.split('/').includes('..')) {
    throw invalid(`The option AwsS3Store.remoteDataPath must not lead out of the bucket by "..".`);
  }
  const { length } = Buffer.from(inside);
  if (length > MAX_BYTES) {
    throw invalid(
      `The option AwsS3Store.remoteDataPath may have ${MAX_BYTES} bytes, but has ${length}.`,
    );
  }
  return inside;
}

/** What the keys of wwebjs-aws-s3 begin with, which leaves a slash at the beginning there. */
export function formerPrefixes(given: string): string[] {
  const withSlash = (text: string) => (text === '' || text.endsWith('/') ? text : `${text}/`);
  return [...new Set([withSlash(joinedAsBefore(given)), withSlash(remotePath(given))])];
}

/** As wwebjs-aws-s3 does it, by `path.join`, which makes one slash of several. */
function joinedAsBefore(given: string): string {
  const joined = path.posix.normalize(given.replaceAll('\\', '/'));
  return joined === '.' ? '' : joined;
}

function invalid(message: string): HoldfastError {
  return new HoldfastError('INVALID_OPTION', message);
}
