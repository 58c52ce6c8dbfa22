import { randomBytes } from 'node:crypto';
import { HoldfastError } from '../../errors.js';
import { repeat } from '../requests/patience.js';
import type { S3Bucket, S3Condition } from './s3-bucket.js';
import { nameOf, type S3Place, s3Error, statusOf } from './s3-errors.js';

/**
 * How an ETag is written in `If-Match`. RFC 9110 wants quotes, and Cloudflare R2 answers 400
 * without them (github.com/apache/opendal/pull/2226). Ceph and DigitalOcean Spaces answer 412 with
 * them (github.com/slatedb/slatedb/issues/1818). AWS and MinIO take both.
 */
export type EtagForm = (etag: string) => string;

const FORMS: readonly EtagForm[] = [(etag) => etag, (etag) => `"${etag}"`];

/** A condition that does not hold is answered by one of these; 400: what is written is not understood. */
const REFUSALS = [400, 404, 409, 412];

const LIMITS = { attempts: 4, timeoutMs: 10_000 };

/** @param etag null: that nothing is there */
export function conditionOf(etag: string | null, form: EtagForm): S3Condition {
  return etag === null ? { IfNoneMatch: '*' } : { IfMatch: form(etag) };
}

/**
 * Finds out on an object of its own whether a service does what conditions say. There are many that
 * ignore them and overwrite: a lease that is kept there is held by everybody.
 *
 * @param key of an object that nobody else has
 * @returns the form of ETags that it understands
 * @throws {HoldfastError} NO_CONDITIONAL_WRITES; otherwise the SDK's errors, which say nothing
 */
export async function probeConditions(
  bucket: S3Bucket,
  place: S3Place,
  key: string,
): Promise<EtagForm> {
  try {
    const probe = new Probe(bucket, place, key);
    await probe.make();
    for (const form of FORMS) if (await probe.understands(form)) return form;
    throw new Ignored('it refuses every If-Match');
  } catch (error) {
    if (error instanceof Ignored) throw noConditionalWrites(place, error.message);
    if (statusOf(error) === 501 || nameOf(error) === 'NotImplemented') {
      throw noConditionalWrites(place, 'it has not implemented them');
    }
    throw error;
  } finally {
    await bucket.delete(key, AbortSignal.timeout(LIMITS.timeoutMs)).catch(() => undefined);
  }
}

/** How a service does not keep to conditions. */
class Ignored extends Error {}

class Probe {
  #etag = '';

  constructor(
    private readonly bucket: S3Bucket,
    private readonly place: S3Place,
    private readonly key: string,
  ) {}

  async make(): Promise<void> {
    if (!(await this.#put({ IfNoneMatch: '*' }))) {
      throw new Ignored('it refuses If-None-Match for a key that is not there');
    }
    if (await this.#put({ IfNoneMatch: '*' })) throw new Ignored('it ignores If-None-Match');
  }

  async understands(form: EtagForm): Promise<boolean> {
    const wrong = randomBytes(16).toString('hex');
    if (await this.#put({ IfMatch: form(wrong) })) throw new Ignored('it ignores If-Match');
    return this.#put({ IfMatch: form(this.#etag) });
  }

  /**
   * Whether it was written; a refusal may come from a repetition of what was. What waits for the probe
   * has its own time, and may have gone; others have come meanwhile.
   */
  #put(condition: S3Condition): Promise<boolean> {
    const body = randomBytes(16);
    const request = () => this.#putOnce(body, condition, AbortSignal.timeout(LIMITS.timeoutMs));
    return repeat(LIMITS, request, undefined, (error) => {
      return s3Error(this.place, 'probe', error).code === 'STORE_UNREACHABLE';
    });
  }

  async #putOnce(body: Buffer, condition: S3Condition, signal: AbortSignal): Promise<boolean> {
    try {
      this.#etag = await this.bucket.put(this.key, body, condition, signal);
      return true;
    } catch (error) {
      const isRefused = REFUSALS.includes(statusOf(error) ?? 0);
      if (!isRefused || nameOf(error) === 'NoSuchBucket') throw error;
      const found = await this.bucket.get(this.key, undefined, signal);
      if (found === null || !body.equals(found.bytes)) return false;
      this.#etag = found.etag;
      return true;
    }
  }
}

function noConditionalWrites({ bucket }: S3Place, how: string): HoldfastError {
  return new HoldfastError(
    'NO_CONDITIONAL_WRITES',
    `The S3 service of the bucket ${bucket} has no conditional writes: ${how}. Without them ` +
      'nothing keeps two processes from using one session at once, and WhatsApp from ending it. ' +
      'Use a service that has them, as AWS, Cloudflare R2, MinIO and Ceph do; or, if you see to ' +
      'it yourself that a session is in use in one place only, set withoutLeases: true.',
  );
}
