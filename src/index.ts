export type {
  AuthenticationNeeded,
  PuppeteerOptions,
  StrategyClient,
} from './auth/auth-strategy.js';
export { AuthStrategy } from './auth/auth-strategy.js';
export type { LocalAuthOptions } from './auth/local-auth.js';
export { LocalAuth } from './auth/local-auth.js';
export { NoAuth } from './auth/no-auth.js';
export type {
  LeaseLost,
  LeaseWaiting,
  RemoteAuthEvents,
  SessionRestored,
  SessionSaved,
  SessionSaveFailed,
} from './auth/remote/events.js';
export type { RemoteAuthOptions } from './auth/remote/options.js';
export type { SaveReason } from './auth/remote/save-loop.js';
export { RemoteAuth } from './auth/remote-auth.js';
export type { FindBrowserOptions, FoundBrowser } from './browser/find-browser.js';
export { findBrowser } from './browser/find-browser.js';
export { LEAN_ARGUMENTS } from './browser/lean-arguments.js';
export { Client } from './client/client.js';
export type { ClientEvents, DisconnectReason } from './client/client-events.js';
export { ClientInfo } from './client/client-info.js';
export { Events, MessageAck } from './client/constants.js';
export type { SendOptions } from './client/message.js';
export { Message } from './client/message.js';
export type { AuthHooks, ClientOptions, PairingOptions } from './client/options.js';
export type { ErrorCode, HoldfastErrorOptions } from './errors.js';
export { HoldfastError } from './errors.js';
export type { FormerArchive, FormerArchives } from './objects/former-archives.js';
export type { ByteRange, Cell, ListedObject, ObjectStore } from './objects/object-store.js';
export type { RequestLimits } from './objects/requests/request-limits.js';
export type { AdoptedSession } from './snapshot/archive/adopt-session.js';
export type {
  EncryptionKey,
  KeyContext,
  KeyWrapper,
  PassphraseKey,
} from './snapshot/encryption-key.js';
export type { LeaseHolder } from './snapshot/lease/lease-held-error.js';
export { LeaseHeldError } from './snapshot/lease/lease-held-error.js';
export type { OnLeaseHeld } from './snapshot/lease/until-free.js';
export type { Retention } from './snapshot/retention.js';
export type { RemoteStoreOptions } from './stores/backed-store.js';
export { BackedStore } from './stores/backed-store.js';
export type { FileStoreOptions } from './stores/file-store.js';
export { FileStore } from './stores/file-store.js';
export { MemoryStore } from './stores/memory-store.js';
export { openStore } from './stores/open-store.js';
export type { Store } from './stores/store.js';
export { WAState } from './whatsapp/states.js';
