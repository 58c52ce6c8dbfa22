/** What is needed of a client of the AWS SDK for JavaScript v3: its `S3Client` has it. */
export interface S3ClientLike {
  send(command: object, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A command class of the SDK, by what it is made of. */
export type S3CommandClass<Input> = new (input: Input) => object;

export interface S3ObjectInput {
  Bucket: string;
  Key: string;
}

export interface S3GetInput extends S3ObjectInput {
  Range?: string;
}

export interface S3PutInput extends S3ObjectInput {
  Body: Uint8Array;
  IfMatch?: string;
  IfNoneMatch?: string;
}

export interface S3ListInput {
  Bucket: string;
  Prefix: string;
  ContinuationToken?: string;
}

/** The SDK's classes for the requests that are made. */
export interface S3Commands {
  put: S3CommandClass<S3PutInput>;
  get: S3CommandClass<S3GetInput>;
  delete: S3CommandClass<S3ObjectInput>;
  list: S3CommandClass<S3ListInput>;
}

// What is read of the answers.

export interface S3PutOutput {
  ETag?: string;
}

export interface S3GetOutput {
  Body?: AsyncIterable<Uint8Array> & { destroy?(error?: Error): void };
  ContentLength?: number;
  ContentRange?: string;
  ETag?: string;
}

export interface S3ListOutput {
  Contents?: { Key?: string; Size?: number; LastModified?: Date }[];
  IsTruncated?: boolean;
  NextContinuationToken?: string;
}
