import { LocalAuth } from '../auth/local-auth.js';
import { RemoteAuth } from '../auth/remote-auth.js';
import { clientIdOf } from '../auth/session-name.js';
import type { EncryptionKey } from '../snapshot/encryption-key.js';
import type { OnLeaseHeld } from '../snapshot/lease/until-free.js';
import type { BackedStore } from '../stores/backed-store.js';
import { shownUrl } from '../stores/store-url.js';

/** Where `holdfast run` keeps the login: in a folder of this machine only, or in a store. */
export type Keeping = { in: 'folder' } | ({ in: 'store' } & StoreKeeping);

export interface StoreKeeping {
  store: BackedStore;
  url: string;
  encryptionKey: EncryptionKey | undefined;
  onLeaseHeld: OnLeaseHeld;
}

export interface SessionChoice {
  session?: string | undefined;
  dataPath?: string | undefined;
}

export interface KeptSession {
  strategy: LocalAuth | RemoteAuth;
  /** As it is shown. */
  name: string;
  keptIn: string;
}

/** @throws {HoldfastError} INVALID_CLIENT_ID, INVALID_OPTION, INVALID_KEY */
export function keptSession(keeping: Keeping, { session, dataPath }: SessionChoice): KeptSession {
  if (keeping.in === 'folder') {
    const strategy = new LocalAuth({ clientId: session, dataPath });
    return { strategy, name: session ?? 'the unnamed session', keptIn: strategy.sessionFolder };
  }
  const { store, encryptionKey, onLeaseHeld, url } = keeping;
  const clientId = clientIdOf(session);
  const strategy = new RemoteAuth({ store, clientId, dataPath, encryptionKey, onLeaseHeld });
  return { strategy, name: strategy.sessionName, keptIn: shownUrl(url) };
}
