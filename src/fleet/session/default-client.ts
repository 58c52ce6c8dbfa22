import { RemoteAuth } from '../../auth/remote-auth.js';
import { clientIdOf } from '../../auth/session-name.js';
import { Client } from '../../client/client.js';
import type { ClientOptions } from '../../client/options.js';
import type { ObjectStore } from '../../objects/object-store.js';
import type { EncryptionKey } from '../../snapshot/encryption-key.js';

export interface DefaultClientOptions {
  store: ObjectStore;
  encryptionKey: EncryptionKey | undefined;
  dataPath: string;
  leaseTermMs: number;
  puppeteer?: ClientOptions['puppeteer'];
}

/** The session itself waits for the store, and shows that it does. */
const STORE_TIMEOUT_MS = 30_000;

/** A session's client, unless tests bring another. */
export function createDefaultClient(id: string, options: DefaultClientOptions): Client {
  const { puppeteer, ...others } = options;
  return new Client({
    authStrategy: new RemoteAuth({
      ...others,
      clientId: clientIdOf(id),
      // Who holds it is known from elsewhere: one that is held is left to its holder.
      onLeaseHeld: 'fail',
      storeTimeoutMs: STORE_TIMEOUT_MS,
      handleSignals: false,
    }),
    ...(puppeteer && { puppeteer }),
    handleSignals: false,
  });
}
