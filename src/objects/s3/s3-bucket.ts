import { readBody } from './read-body.js';
import type {
  S3ClientLike,
  S3Commands,
  S3GetOutput,
  S3ListOutput,
  S3PutInput,
  S3PutOutput,
} from './s3-client.js';
import { nameOf } from './s3-errors.js';

export interface S3Object {
  bytes: Uint8Array;
  etag: string;
  /** Undefined when the whole object was given. */
  contentRange: string | undefined;
}

export interface S3Listed {
  key: string;
  size: number;
  modifiedAt: Date | null;
}

export type S3Condition = Pick<S3PutInput, 'IfMatch' | 'IfNoneMatch'>;

/** A bucket's objects, one request a call. The errors are the SDK's. */
export class S3Bucket {
  readonly #client: S3ClientLike;
  readonly #commands: S3Commands;

  constructor(
    readonly name: string,
    client: S3ClientLike,
    commands: S3Commands,
  ) {
    this.#client = client;
    this.#commands = commands;
  }

  /** @param range as in HTTP, its end included: `bytes=0-9` */
  async get(key: string, range?: string, signal?: AbortSignal): Promise<S3Object | null> {
    const input = { Bucket: this.name, Key: key, ...(range !== undefined && { Range: range }) };
    try {
      const output = await this.#send<S3GetOutput>(new this.#commands.get(input), signal);
      const bytes = await readBody(output, signal);
      return { bytes, etag: bare(output.ETag), contentRange: output.ContentRange };
    } catch (error) {
      // Any other 404 may be that of a missing bucket, or of something that is no S3 service.
      if (nameOf(error) === 'NoSuchKey') return null;
      throw error;
    }
  }

  /** @returns the ETag without its quotes; empty when the service gives none */
  async put(
    key: string,
    body: Uint8Array,
    condition: S3Condition = {},
    signal?: AbortSignal,
  ): Promise<string> {
    // A Buffer: its length is known, so that it is sent as it is. Streams, with the checksum behind
    // their end, are refused by many services.
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const input = { Bucket: this.name, Key: key, Body: bytes, ...condition };
    const output = await this.#send<S3PutOutput>(new this.#commands.put(input), signal);
    return bare(output.ETag);
  }

  /** One that is not here is no error. */
  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#send(new this.#commands.delete({ Bucket: this.name, Key: key }), signal);
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<S3Listed> {
    let token: string | undefined;
    do {
      const input = {
        Bucket: this.name,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      };
      const page = await this.#send<S3ListOutput>(new this.#commands.list(input), signal);
      for (const { Key: key, Size: size, LastModified: modifiedAt } of page.Contents ?? []) {
        if (key !== undefined) yield { key, size: size ?? 0, modifiedAt: modifiedAt ?? null };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
      if (page.IsTruncated && token === undefined) {
        throw new Error('A part of the list does not say how to go on.');
      }
    } while (token !== undefined);
  }

  async #send<Output>(command: object, signal: AbortSignal | undefined): Promise<Output> {
    return (await this.#client.send(command, signal && { abortSignal: signal })) as Output;
  }
}

function bare(etag = ''): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
