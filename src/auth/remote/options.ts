import {
  type Check,
  checkOptions,
  isBoolean,
  isObject,
  isTextOrNull,
  isWholeNumber,
} from '../../check-options.js';
import { HoldfastError } from '../../errors.js';
import type { ObjectStore } from '../../objects/object-store.js';
import { type EncryptionKey, parseEncryptionKey } from '../../snapshot/encryption-key.js';
import type { OnLeaseHeld } from '../../snapshot/lease/until-free.js';
import { checkRetention, type Retention } from '../../snapshot/retention.js';
import type { Store } from '../../stores/store.js';
import { checkClientId } from '../client-id.js';

export interface RemoteAuthOptions {
  /**
   * Where the session is kept: a store of Holdfast's, or any object with the methods of
   * `ObjectStore`; or one with whatsapp-web.js's four methods, which moves whole archives and knows
   * no lease.
   */
  store: ObjectStore | Store;
  /** Tells several sessions in one store apart. Letters, digits, `_` and `-`. */
  clientId?: string | undefined;
  /** The folder that holds the browser's profile while it runs. Default: `./.wwebjs_auth`. */
  dataPath?: string | undefined;
  /**
   * How far the store may be behind the browser, in milliseconds, 100 to 86400000. Default: 1000, or
   * what the store says; 60000 for a store with whatsapp-web.js's four methods.
   */
  backupSyncIntervalMs?: number | undefined;
  /** How often removing the profile's folder after a logout is tried again. Default: 4. */
  rmMaxRetries?: number | undefined;
  /**
   * Seals the session: 32 bytes, a passphrase, or `{ wrap, unwrap }`. Without one, whoever reads the
   * store has the login.
   */
  encryptionKey?: EncryptionKey | undefined;
  /**
   * Once a session has been taken over from whatsapp-web.js's own archive in the same store, and has
   * been read back, delete that archive. A logout deletes it in any case. Default: false.
   */
  deleteFormerArchives?: boolean | undefined;
  /** Which older snapshots stay in the store. */
  retention?: Retention | undefined;
  /**
   * What a start does when another process holds the session: `wait` until it is free, `fail` with
   * LEASE_HELD, or `takeover`: ask the other to save, close and release it. Default: `wait`.
   */
  onLeaseHeld?: OnLeaseHeld | undefined;
  /**
   * After so long a silence, in milliseconds, others may take the session over. 3000 or more; give
   * all processes the same. Default: 15000.
   */
  leaseTermMs?: number | undefined;
  /** How long a start waits for a store that cannot be asked, in milliseconds. Default: 300000. */
  storeTimeoutMs?: number | undefined;
  /**
   * Save and close the browser properly on SIGINT, SIGTERM and SIGHUP before the process ends.
   * Default: true.
   */
  handleSignals?: boolean | undefined;
  /**
   * Open the session also with an older major version of the browser than it was saved by, which may
   * lose the login. Default: false.
   */
  allowOlderBrowser?: boolean | undefined;
}

export interface ResolvedRemoteAuthOptions {
  store: ObjectStore | Store;
  clientId: string | undefined;
  dataPath: string;
  backupSyncIntervalMs: number | undefined;
  rmMaxRetries: number;
  encryptionKey: EncryptionKey | undefined;
  deleteFormerArchives: boolean;
  retention: Retention | undefined;
  onLeaseHeld: OnLeaseHeld;
  leaseTermMs: number;
  storeTimeoutMs: number;
  handleSignals: boolean;
  allowOlderBrowser: boolean;
}

const DAY_MS = 86_400_000;

function isBetween(least: number, most: number): Check {
  return [
    (value) => typeof value === 'number' && value >= least && value <= most,
    `a number of milliseconds from ${least} to ${most}`,
  ];
}

const CHECKS: Record<string, Check> = {
  store: [() => true, 'a store'],
  clientId: isTextOrNull,
  dataPath: isTextOrNull,
  backupSyncIntervalMs: isBetween(100, DAY_MS),
  rmMaxRetries: isWholeNumber,
  encryptionKey: [() => true, 'a key'],
  deleteFormerArchives: isBoolean,
  retention: isObject,
  onLeaseHeld: [
    (value) => ['wait', 'fail', 'takeover'].includes(value as string),
    "'wait', 'fail' or 'takeover'",
  ],
  leaseTermMs: isBetween(3000, DAY_MS),
  storeTimeoutMs: isBetween(0, DAY_MS),
  handleSignals: isBoolean,
  allowOlderBrowser: isBoolean,
};

/** @throws {HoldfastError} INVALID_CLIENT_ID, INVALID_OPTION, INVALID_KEY */
export function resolveRemoteAuthOptions(options: RemoteAuthOptions): ResolvedRemoteAuthOptions {
  checkClientId(options?.clientId);
  checkOptions('RemoteAuth.', options ?? {}, CHECKS);
  const { encryptionKey, retention } = options ?? {};
  if (encryptionKey !== undefined) parseEncryptionKey(encryptionKey);
  checkRetention(retention);
  refuseUnlessStore(options?.store);
  return {
    store: options.store,
    clientId: options.clientId || undefined,
    dataPath: options.dataPath || './.wwebjs_auth/',
    backupSyncIntervalMs: options.backupSyncIntervalMs,
    rmMaxRetries: options.rmMaxRetries ?? 4,
    encryptionKey,
    deleteFormerArchives: options.deleteFormerArchives ?? false,
    retention,
    onLeaseHeld: options.onLeaseHeld ?? 'wait',
    leaseTermMs: options.leaseTermMs ?? 15_000,
    storeTimeoutMs: options.storeTimeoutMs ?? 300_000,
    handleSignals: options.handleSignals ?? true,
    allowOlderBrowser: options.allowOlderBrowser ?? false,
  };
}

const OBJECT_METHODS = ['get', 'put', 'list', 'delete', 'readCell', 'swapCell'];
const ARCHIVE_METHODS = ['sessionExists', 'save', 'extract', 'delete'];

/** Classes of ours are both: then the engine serves them. */
export function isObjectStore(store: ObjectStore | Store): store is ObjectStore {
  return missingOf(store, OBJECT_METHODS).length === 0;
}

function refuseUnlessStore(store: unknown): void {
  const hint = "new RemoteAuth({ store: new FileStore({ path: './sessions' }) })";
  if (store === undefined || store === null) {
    throw new HoldfastError('INVALID_OPTION', `RemoteAuth needs a store, such as ${hint}.`);
  }
  const lacks = [OBJECT_METHODS, ARCHIVE_METHODS].map((methods) => missingOf(store, methods));
  if (lacks.some((missing) => missing.length === 0)) return;
  const [forObjects = [], forArchives = []] = lacks;
  throw new HoldfastError(
    'INVALID_OPTION',
    `The store that RemoteAuth was given is none: to serve whatsapp-web.js's way it lacks ` +
      `${forArchives.join(', ')}; as an object store it lacks ${forObjects.join(', ')}. ` +
      `Give a store, such as ${hint}.`,
  );
}

function missingOf(store: unknown, methods: readonly string[]): string[] {
  return methods.filter((name) => typeof (store as Record<string, unknown>)[name] !== 'function');
}
