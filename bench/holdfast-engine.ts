import type { Page } from 'puppeteer-core';
import type { ObjectStore } from '../src/objects/object-store.js';
import type { LivePage } from '../src/profile/live-values.js';
import { load } from './built.js';

export interface Saved {
  sequence: number;
  bytesSent: number;
  chunks: number;
  durationMs: number;
}

export interface Saver {
  save(): Promise<Saved | null>;
  close(): Promise<void>;
}

interface SessionOptions {
  store: ObjectStore;
  session: string;
  encryptionKey?: Buffer;
}

interface Engine {
  ProfileSaver: {
    open(options: SessionOptions & { userDataDir: string; livePage?: LivePage }): Promise<Saver>;
  };
  restoreSession(options: SessionOptions & { targetDir: string }): Promise<{
    sequence: number;
    bytes: number;
    files: number;
  }>;
  puppeteerLivePage(page: Page): LivePage;
}

interface Stores {
  FileStore: new (options: { path: string }) => ObjectStore;
}

/** The engine and the store of the build. */
export function loadEngine(): Engine & Stores {
  return { ...load<Engine>('engine.js'), ...load<Stores>('index.js') };
}
