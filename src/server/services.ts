import type { ObjectStore } from '../objects/object-store.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import type { SessionCookies } from './auth/session-cookie.js';
import type { Tokens } from './auth/tokens.js';
import type { Directory } from './directory/directory.js';
import type { OpenStreams } from './events/open-streams.js';
import type { Log } from './log/log.js';
import type { Metrics } from './metrics/metrics.js';
import type { OwnEvents } from './own-events.js';
import type { PeerLinks } from './peers/peer-links.js';
import type { QrCodes } from './qr/qr-codes.js';
import type { ServedFleet } from './served-fleet.js';
import type { Settings } from './settings.js';
import type { Webhooks } from './webhooks/webhooks.js';

/** What the routes work with. */
export interface Services {
  fleet: ServedFleet;
  /** What happens at this worker. */
  own: OwnEvents;
  directory: Directory;
  store: ObjectStore;
  encryptionKey: EncryptionKey | undefined;
  tokens: Tokens;
  cookies: SessionCookies;
  streams: OpenStreams;
  settings: Settings;
  qrCodes: QrCodes;
  peers: PeerLinks;
  /** Null without a fleet secret. */
  webhooks: Webhooks | null;
  metrics: Metrics;
  log: Log;
}
