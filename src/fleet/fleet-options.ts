import type { ClientOptions } from '../client/options.js';
import type { ObjectStore } from '../objects/object-store.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import type { SessionClient } from './session/session-client.js';

export interface FleetOptions {
  /** What the workers share. All that this process does in it, it does as one worker. */
  store: ObjectStore;
  encryptionKey: EncryptionKey | undefined;
  /** The folder of the browsers' profiles while they run. */
  dataPath: string;
  /** Where other workers reach this one, such as `http://10.0.0.5:8480`. */
  address: string;
  /** How many sessions it holds at most. */
  capacity: number;
  /** After so long a silence, in milliseconds, others take its sessions over. Default: 15000. */
  leaseTermMs?: number | undefined;
  /**
   * The same on all workers of a fleet. With one, only those are believed to be workers, and only
   * those links, that were made with it. Default: none, and whoever writes to the store is believed.
   */
  proofKey?: Uint8Array | null | undefined;
  puppeteer?: ClientOptions['puppeteer'];
  /** For tests and simulations. Default: a Client with RemoteAuth. */
  createClient?: ((id: string) => SessionClient) | undefined;
}

export const DEFAULT_TERM_MS = 15_000;
