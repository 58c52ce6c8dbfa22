import path from 'node:path';
import type { ObjectStore } from '../objects/object-store.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import { RouteAnswerer } from './answer-route.js';
import { createApp } from './app.js';
import { Authenticator } from './auth/authenticate.js';
import { SessionCookies } from './auth/session-cookie.js';
import { type TokenHashes, Tokens } from './auth/tokens.js';
import { Directory } from './directory/directory.js';
import { OpenStreams } from './events/open-streams.js';
import { HttpServer, type Timeouts } from './http-server.js';
import { logFleet } from './log/create-log.js';
import { type Log, SILENT } from './log/log.js';
import { createMetrics } from './metrics/metrics.js';
import { TimedObjects } from './metrics/timed-objects.js';
import { OwnEvents } from './own-events.js';
import { keyFor } from './peers/fleet-secret.js';
import { peerLinks } from './peers/peer-links.js';
import { sayWhatIsMissing } from './peers/say-what-is-missing.js';
import { qrCodesOf } from './qr/qr-codes.js';
import type { Route } from './route.js';
import { allRoutes } from './routes/all-routes.js';
import type { ServedFleet } from './served-fleet.js';
import type { Services } from './services.js';
import { type GivenSettings, settingsOf } from './settings.js';
import { Webhooks } from './webhooks/webhooks.js';

export interface ServeOptions extends GivenSettings {
  store: ObjectStore;
  encryptionKey: EncryptionKey | undefined;
  /** Makes this process's worker. @param address where the other workers reach it */
  createFleet(parts: {
    store: ObjectStore;
    address: string;
    proofKey: Uint8Array | null;
  }): ServedFleet;
  tokens: TokenHashes;
  /** What the workers of a fleet know each other by; null: this one stays alone. */
  fleetSecret: Uint8Array | null;
  /** 0: any that is free. */
  port: number;
  allowPrivateWebhooks?: boolean | undefined;
  /** For tests: how long to wait after a delivery that failed. */
  webhookPauseMs?: ((tries: number) => number) | undefined;
  timeouts?: Timeouts | undefined;
  log?: Log | undefined;
  /** Where the files of the page are. Default: in the build. */
  pageFolder?: string | undefined;
}

export interface RunningServer {
  port: number;
  /** Where people find the page. */
  publicUrl: string;
  routes: readonly Route[];
  /** Hands the sessions over, then stops answering. May be called again. */
  stop(): Promise<void>;
}

const PAGE_FOLDER = path.join(__dirname, 'page');

/**
 * Joins the fleet and answers for it.
 *
 * @throws {HoldfastError} ADDRESS_UNUSABLE, and what the fleet's start throws
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const http = await HttpServer.listen(options.host, options.port, options.timeouts);
  try {
    return await serveOn(http, options);
  } catch (error) {
    await http.close();
    throw error;
  }
}

async function serveOn(http: HttpServer, options: ServeOptions): Promise<RunningServer> {
  const { encryptionKey, fleetSecret, log = SILENT } = options;
  const store = new TimedObjects(options.store);
  const settings = settingsOf(options, http.port);
  const fleet = options.createFleet({
    store,
    address: settings.address,
    proofKey: fleetSecret && keyFor(fleetSecret, 'cells of workers'),
  });
  const peers = peerLinks(fleet, fleetSecret, log);
  const own = new OwnEvents(fleet);
  const webhooks = webhooksOf(own, options, store);
  const metrics = createMetrics(fleet, { store });
  const services: Services = {
    fleet,
    own,
    directory: new Directory(fleet, own, peers.mirrors),
    store,
    encryptionKey,
    tokens: new Tokens(options.tokens),
    cookies: new SessionCookies(options.tokens, fleetSecret),
    streams: new OpenStreams(settings.streams),
    settings,
    qrCodes: qrCodesOf(fleet, peers.client),
    peers,
    webhooks,
    metrics,
    log,
  };
  const { directory, streams, tokens, cookies } = services;
  const authenticator = new Authenticator(tokens, cookies, settings);
  const routes = allRoutes(services, authenticator, options.pageFolder ?? PAGE_FOLDER);
  const answerer = new RouteAnswerer(authenticator, peers.gate);
  logFleet(own, log);
  if (fleetSecret === null) sayWhatIsMissing(fleet, own, log);
  await webhooks?.start();
  try {
    await fleet.start();
  } catch (error) {
    await webhooks?.close();
    metrics.close();
    own.close();
    streams.close();
    throw error;
  }
  directory.start();
  http.serve(createApp({ routes, answerer, settings, isFromPeer: peers.isSigned, log }));
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await fleet.stop();
    await webhooks?.close();
    metrics.close();
    streams.close();
    directory.stop();
    own.close();
    await http.close();
  };
  return {
    port: http.port,
    publicUrl: settings.publicUrl,
    routes,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function webhooksOf(fleet: OwnEvents, options: ServeOptions, store: ObjectStore): Webhooks | null {
  const {
    fleetSecret: secret,
    allowPrivateWebhooks: allowPrivate,
    webhookPauseMs: pauseMs,
  } = options;
  if (secret === null) return null;
  return new Webhooks({ fleet, store, secret, allowPrivate, pauseMs, log: options.log });
}
