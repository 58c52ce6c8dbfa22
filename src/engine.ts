/**
 * The engine on its own, for anybody with a Chromium profile: captures of a live profile, kept as
 * sealed, incremental snapshots in any object store. It knows nothing of WhatsApp.
 */
export type { PlaywrightPage, PuppeteerPage } from './browser/live-page.js';
export { playwrightLivePage, puppeteerLivePage } from './browser/live-page.js';
export type { ErrorCode, HoldfastErrorOptions } from './errors.js';
export { HoldfastError } from './errors.js';
export type { FormerArchive, FormerArchives } from './objects/former-archives.js';
export type { ByteRange, Cell, ListedObject, ObjectStore } from './objects/object-store.js';
export { MAX_CELL_BYTES, MAX_OBJECT_BYTES } from './objects/object-store.js';
export type {
  CapturedFile,
  CapturedLiveValues,
  CapturedProfile,
} from './profile/capture/captured-profile.js';
export type { ProfileCapturerOptions } from './profile/capture/profile-capturer.js';
export { ProfileCapturer } from './profile/capture/profile-capturer.js';
export type { DevToolsSession, WatchablePage } from './profile/devtools-page.js';
export { livePageOf, putBackCookies } from './profile/devtools-page.js';
export type { LiveCookie, LivePage, LiveValues, StorageArea } from './profile/live-values.js';
export type { ExportOptions } from './snapshot/archive/export-session.js';
export { exportSession } from './snapshot/archive/export-session.js';
export type { ImportOptions } from './snapshot/archive/import-archive.js';
export { importArchive } from './snapshot/archive/import-archive.js';
export type { CheckedSnapshot, CheckOptions, SessionCheck } from './snapshot/check-session.js';
export { checkSession } from './snapshot/check-session.js';
export type {
  EncryptionKey,
  KeyContext,
  KeyWrapper,
  PassphraseKey,
} from './snapshot/encryption-key.js';
export type { Head, SessionState, SnapshotInfo } from './snapshot/head.js';
export { rotateKey } from './snapshot/key-cell.js';
export type { ListedSession } from './snapshot/list-sessions.js';
export { listSessions } from './snapshot/list-sessions.js';
export type { BlobRef } from './snapshot/manifest.js';
export type { SessionLocation } from './snapshot/open-session.js';
export type { ProfileSaverOptions } from './snapshot/profile-saver.js';
export { ProfileSaver } from './snapshot/profile-saver.js';
export { removeSession } from './snapshot/remove-session.js';
export type { RepairedSession } from './snapshot/repair-session.js';
export { repairSession } from './snapshot/repair-session.js';
export type { RestoreProgress } from './snapshot/restore/fetch-chunks.js';
export type {
  RestoredSnapshot,
  RestoreOptions,
  SkippedSnapshot,
} from './snapshot/restore/restore-session.js';
export { restoreSession } from './snapshot/restore/restore-session.js';
export type { Retention } from './snapshot/retention.js';
export type { RollBackOptions } from './snapshot/roll-back.js';
export { rollBackSession } from './snapshot/roll-back.js';
export type {
  RolledBackSession,
  SavedSnapshot,
  SessionWriterOptions,
} from './snapshot/session-writer.js';
export { SessionWriter } from './snapshot/session-writer.js';
