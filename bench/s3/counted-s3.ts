import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type {
  S3ClientLike,
  S3GetInput,
  S3GetOutput,
  S3ListInput,
  S3ListOutput,
  S3ObjectInput,
  S3PutInput,
  S3PutOutput,
} from '../../src/objects/s3/s3-client.js';

/** Requests by what they are billed as. */
export interface Requests {
  get: number;
  put: number;
  /** Puts of a worker's cell, which keep its lease. */
  lease: number;
  list: number;
  delete: number;
}

const NONE: Requests = { get: 0, put: 0, lease: 0, list: 0, delete: 0 };
const MOST_KEYS_OF_A_PAGE = 1000;

class Get {
  constructor(readonly input: S3GetInput) {}
}
class Put {
  constructor(readonly input: S3PutInput) {}
}
class List {
  constructor(readonly input: S3ListInput) {}
}
class Delete {
  constructor(readonly input: S3ObjectInput) {}
}

/** What an `AwsS3Store` is handed in place of the SDK's. */
export const commands = {
  getObjectCommand: Get,
  putObjectCommand: Put,
  deleteObjectCommand: Delete,
  listObjectsV2Command: List,
};

/** S3 in memory, with conditional writes. It counts what it is asked. */
export class CountedS3 implements S3ClientLike {
  readonly #objects = new Map<string, { bytes: Buffer; etag: string }>();
  #requests: Requests = { ...NONE };

  /** What it has been asked since it was last asked this. */
  takeRequests(): Requests {
    const taken = this.#requests;
    this.#requests = { ...NONE };
    return taken;
  }

  get storedBytes(): number {
    return [...this.#objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  async send(command: object): Promise<unknown> {
    if (command instanceof Get) return this.#get(command.input);
    if (command instanceof Put) return this.#put(command.input);
    if (command instanceof List) return this.#list(command.input);
    if (command instanceof Delete) return this.#delete(command.input);
    throw new Error('an unknown command');
  }

  #get({ Key, Range }: S3GetInput): S3GetOutput {
    this.#requests.get++;
    const found = this.#objects.get(Key);
    if (found === undefined) throw s3Error('NoSuchKey', 404);
    const { bytes, etag } = found;
    if (Range === undefined) return answer(bytes, etag);
    const [start = 0, last = 0] = Range.replace('bytes=', '').split('-').map(Number);
    if (start >= bytes.length) throw s3Error('InvalidRange', 416);
    return { ...answer(bytes.subarray(start, last + 1), etag), ContentRange: Range };
  }

  #put({ Key, Body, IfMatch, IfNoneMatch }: S3PutInput): S3PutOutput {
    this.#requests[Key.includes('/workers/') ? 'lease' : 'put']++;
    const here = this.#objects.get(Key);
    const isRefused =
      (IfNoneMatch !== undefined && here !== undefined) ||
      (IfMatch !== undefined && here?.etag !== IfMatch);
    if (isRefused) throw s3Error('PreconditionFailed', 412);
    const bytes = Buffer.from(Body);
    const etag = createHash('md5').update(bytes).digest('hex');
    this.#objects.set(Key, { bytes, etag });
    return { ETag: `"${etag}"` };
  }

  #list({ Prefix, ContinuationToken = '' }: S3ListInput): S3ListOutput {
    this.#requests.list++;
    const keys = [...this.#objects.keys()]
      .filter((key) => key.startsWith(Prefix) && key > ContinuationToken)
      .sort();
    const page = keys.slice(0, MOST_KEYS_OF_A_PAGE);
    const last = page.at(-1);
    return {
      Contents: page.map((Key) => ({ Key, Size: this.#objects.get(Key)?.bytes.length ?? 0 })),
      IsTruncated: page.length < keys.length,
      ...(last !== undefined && { NextContinuationToken: last }),
    };
  }

  #delete({ Key }: S3ObjectInput): object {
    this.#requests.delete++;
    this.#objects.delete(Key);
    return {};
  }
}

function answer(bytes: Buffer, etag: string): S3GetOutput {
  return { Body: Readable.from([bytes]), ContentLength: bytes.length, ETag: `"${etag}"` };
}

function s3Error(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}
