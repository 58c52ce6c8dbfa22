import type { Caller } from '../auth/caller.js';

/** What comes from other workers, and what is passed on to them. */
export interface PeerGate {
  /** Who asks through another worker; null: no worker has signed it. */
  identify(request: Request, body: Buffer): Caller | null;
  /**
   * What the session's holder answers; null when it is to be answered here.
   *
   * @throws {ApiError} SESSION_NOT_HELD
   */
  passOn(request: PassedRequest): Promise<Response | null>;
}

export interface PassedRequest {
  id: string;
  request: Request;
  body: Buffer;
  caller: Caller;
}
