import { hashToken } from '../../../src/server/auth/tokens.js';
import { type RunningServer, type ServeOptions, serve } from '../../../src/server/serve.js';
import { SimulatedFleet, type SimulatedFleetOptions } from './simulated-fleet.js';

export const ADMIN = 'admin-token-for-the-tests';
export const VIEWER = 'viewer-token-for-the-tests';
export const FLEET_SECRET = Buffer.alloc(32, 3);

export interface TestServer extends RunningServer {
  fleet: SimulatedFleet;
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** As admin, unless `token` says otherwise; null: as nobody. */
  ask(path: string, options?: AskOptions): Promise<Response>;
}

export interface AskOptions extends Omit<RequestInit, 'body'> {
  token?: string | null;
  /** Sent as JSON. */
  json?: unknown;
}

export interface TestServerOptions extends Partial<Omit<ServeOptions, 'createFleet'>> {
  fleet?: SimulatedFleetOptions;
}

/** A server with a simulated fleet; stop it. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { fleet: fleetOptions, ...others } = options;
  const fleets: SimulatedFleet[] = [];
  const server = await serve({
    store: fleetOptions?.shared?.objects ?? new SimulatedFleet().shared.objects,
    encryptionKey: undefined,
    tokens: { admin: hashToken(ADMIN), viewer: hashToken(VIEWER) },
    fleetSecret: FLEET_SECRET,
    host: '127.0.0.1',
    port: 0,
    createFleet: ({ address }) => {
      const fleet = new SimulatedFleet({ ...fleetOptions, address });
      fleets.push(fleet);
      return fleet;
    },
    ...others,
  });
  const [fleet] = fleets;
  if (fleet === undefined) throw new Error('the server made no fleet');
  const url = `http://127.0.0.1:${server.port}`;
  return {
    ...server,
    fleet,
    url,
    ask: (path, { token = ADMIN, json, headers, ...init } = {}) =>
      fetch(url + path, {
        ...init,
        headers: {
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(headers as Record<string, string>),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
  };
}
