import type { z } from 'zod';
import { ApiError } from './api-error.js';
import type { Authenticator } from './auth/authenticate.js';
import { type Caller, mayAct } from './auth/caller.js';
import type { PeerGate } from './peers/peer-gate.js';
import type { Route } from './route.js';
import { jsonOf, readBody } from './security/read-body.js';

/** A request, and what is known of it besides. */
export interface Asked {
  request: Request;
  /** Of the path, decoded. */
  params: Record<string, string>;
  /** Where it came from. */
  address: string;
}

const NOBODY: Caller = { role: 'viewer', by: 'token', expiresAt: null };

/** Answers requests for routes: who may ask, what is asked, and who answers. */
export class RouteAnswerer {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly gate: PeerGate,
  ) {}

  /** @throws {ApiError} and what the route throws */
  async answer(route: Route, { request, params, address }: Asked): Promise<Response> {
    const body = await readBody(request);
    const caller = this.#admit(route, request, body, address);
    const url = new URL(request.url);
    const input = {
      params: parsed(route.params, params, 'path'),
      query: parsed(route.query, Object.fromEntries(url.searchParams), 'query'),
      body: parsed(route.body, bodyOf(route, request, body), 'body'),
      caller,
      address,
      request,
    };
    const id = params.id;
    if (route.atHolder && id !== undefined) {
      const passedOn = await this.gate.passOn({ id, request, body, caller });
      if (passedOn !== null) return passedOn;
    }
    return route.handle(input);
  }

  #admit(route: Route, request: Request, body: Buffer, address: string): Caller {
    const { access } = route;
    if (access === 'anyone') return NOBODY;
    const caller =
      this.gate.identify(request, body) ?? this.authenticator.identify(request, address);
    if (caller === null || (access === 'worker' && caller.by !== 'peer')) {
      throw new ApiError(
        401,
        'UNAUTHENTICATED',
        access === 'worker'
          ? 'This is for other workers of the fleet, which sign their requests.'
          : 'Log in, or send a token: Authorization: Bearer <token>.',
      );
    }
    if (access !== 'worker' && !mayAct(caller.role, access)) {
      throw new ApiError(
        403,
        'FORBIDDEN',
        'A viewer may look, but not do this. Use an admin token.',
      );
    }
    return caller;
  }
}

function bodyOf(route: Route, request: Request, body: Buffer): unknown {
  const json = jsonOf(body, request.headers.get('Content-Type'));
  return route.body === undefined ? {} : json;
}

function parsed(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = [what, ...(issue?.path ?? [])].join('.');
  throw new ApiError(
    400,
    'INVALID_REQUEST',
    `${where}: ${issue?.message ?? 'not as it should be'}`,
  );
}
