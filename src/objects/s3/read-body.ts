import { HoldfastError } from '../../errors.js';
import type { S3GetOutput } from './s3-client.js';

/**
 * The whole body of an answer. One that ends early is an error, never a short answer: of an object
 * that is here, all is here.
 */
export async function readBody(output: S3GetOutput, signal?: AbortSignal): Promise<Uint8Array> {
  const { Body: body, ContentLength: expected } = output;
  const parts: Uint8Array[] = [];
  let length = 0;
  if (body !== undefined) {
    // The SDK listens to the signal until the head of the answer is here, not longer.
    const end = () => body.destroy?.(asError(signal?.reason));
    signal?.addEventListener('abort', end, { once: true });
    try {
      signal?.throwIfAborted();
      for await (const part of body) {
        parts.push(part);
        length += part.length;
      }
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }
  if (expected !== undefined && length !== expected) {
    throw new HoldfastError(
      'STORE_UNREACHABLE',
      `The answer of the S3 service has ${length} of ${expected} bytes: the connection was cut.`,
      { transient: true },
    );
  }
  // Memory of its own, not of the pool that small Buffers share.
  const whole = new Uint8Array(length);
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('given up');
}
