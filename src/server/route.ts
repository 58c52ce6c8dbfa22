import type { z } from 'zod';
import type { Caller } from './auth/caller.js';

export type Method = 'get' | 'post' | 'delete';

/**
 * - `anyone`: no token is needed;
 * - `viewer`, `admin`: a token or a login of that role;
 * - `worker`: another worker of the fleet, by its signature.
 */
export type Access = 'anyone' | 'viewer' | 'admin' | 'worker';

export interface AnswerSpec {
  description: string;
  /** Of JSON. */
  schema?: z.ZodType;
  /** Of an answer that is no JSON. */
  contentType?: string;
}

export interface RouteInput<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  caller: Caller;
  /** Where the request came from. */
  address: string;
  request: Request;
}

export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  method: Method;
  /** With parameters as in OpenAPI: `/api/v1/sessions/{id}`. */
  path: string;
  summary: string;
  access: Access;
  /** It is answered by the worker that holds the session `{id}`, if there is one. */
  atHolder?: boolean;
  params?: P;
  query?: Q;
  body?: B;
  answers: Record<number, AnswerSpec>;
  handle(input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>): Promise<Response> | Response;
}

/** A route, whatever it takes. */
export interface Route extends Omit<RouteSpec<z.ZodType, z.ZodType, z.ZodType>, 'handle'> {
  handle(input: RouteInput<unknown, unknown, unknown>): Promise<Response> | Response;
}

/** States a route once: what it takes and answers is checked, documented and tested from this. */
export function route<
  P extends z.ZodType = z.ZodType<unknown>,
  Q extends z.ZodType = z.ZodType<unknown>,
  B extends z.ZodType = z.ZodType<unknown>,
>(spec: RouteSpec<P, Q, B>): Route {
  return {
    ...spec,
    handle: (input) => spec.handle(input as RouteInput<z.output<P>, z.output<Q>, z.output<B>>),
  };
}
