import { ApiError } from '../api-error.js';

export const MOST_BODY_BYTES = 64 * 1024;

/** @throws {ApiError} TOO_LARGE */
export async function readBody(request: Request): Promise<Buffer> {
  if (request.body === null) return Buffer.alloc(0);
  if (Number(request.headers.get('Content-Length') ?? 0) > MOST_BODY_BYTES) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MOST_BODY_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** An empty one is an empty object. @throws {ApiError} NOT_JSON */
export function jsonOf(body: Buffer, contentType: string | null): unknown {
  if (body.length === 0) return {};
  if (!/^application\/json *(;|$)/i.test(contentType ?? '')) {
    throw new ApiError(415, 'NOT_JSON', 'Send JSON, with Content-Type: application/json.');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new ApiError(400, 'NOT_JSON', 'The body is no JSON.');
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'TOO_LARGE', `A body has at most ${MOST_BODY_BYTES / 1024} KiB.`);
}
