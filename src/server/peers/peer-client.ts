import type { WorkerName } from '../../fleet/session-view.js';
import type { Role } from '../auth/caller.js';
import { bodyHashOf, SIGNATURE_HEADER, sign } from './signature.js';

export interface PeerRequest {
  method: string;
  /** With the query. */
  path: string;
  /** JSON. */
  body?: Uint8Array<ArrayBuffer>;
  role: Role;
  signal: AbortSignal;
}

/** Asks other workers, signed. */
export class PeerClient {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Rejects when the worker cannot be reached. */
  ask({ id, address }: WorkerName, request: PeerRequest): Promise<Response> {
    const { method, body = new Uint8Array(), role, signal } = request;
    const url = new URL(request.path, address);
    const path = url.pathname + url.search;
    const signature = sign(this.#key, { method, path, bodyHash: bodyHashOf(body), role, to: id });
    return fetch(url, {
      method,
      headers: {
        [SIGNATURE_HEADER]: signature,
        ...(body.length > 0 && { 'Content-Type': 'application/json' }),
      },
      ...(body.length > 0 && { body }),
      // What is signed for one is not for another.
      redirect: 'error',
      signal,
    });
  }
}
