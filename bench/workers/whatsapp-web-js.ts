import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RemoteAuth, type Store } from 'whatsapp-web.js';
import { measureWork } from '../measure/work.js';
import { type Done, SESSION } from '../peers/peer.js';
import { serve } from './serve.js';

const store = process.env.BENCH_STORE ?? '';

/** What its Client calls, and does not declare. */
interface Strategy {
  setup(client: object): void;
  beforeBrowserInitialized(): Promise<void>;
  storeRemoteSession(options: { emit: boolean }): Promise<void>;
}

let saving: Strategy | undefined;
let bytesSent = 0;

export type WhatsAppWebJsCommands = typeof commands;

const commands = {
  /** What its Client does before it launches the browser; with nothing saved it makes the folder. */
  async open({ dataPath }: { dataPath: string }): Promise<void> {
    saving = strategy(dataPath);
    await saving.beforeBrowserInitialized();
  },

  async save(_: null): Promise<Done> {
    bytesSent = 0;
    const { cost } = await measureWork(async () => saving?.storeRemoteSession({ emit: true }));
    return { ...cost, requests: null, bytesSent };
  },

  async restore({ dataPath }: { dataPath: string }): Promise<Done> {
    const restoring = strategy(dataPath);
    const { cost } = await measureWork(() => restoring.beforeBrowserInitialized());
    return { ...cost, requests: null, bytesSent: 0 };
  },
};

function strategy(dataPath: string): Strategy {
  const made = new RemoteAuth({
    store: folderStore(dataPath),
    clientId: SESSION.replace('RemoteAuth-', ''),
    dataPath,
    backupSyncIntervalMs: 60_000,
  }) as unknown as Strategy;
  made.setup({ options: { puppeteer: {} }, emit: () => true });
  return made;
}

/** Keeps the zip in a folder. Those on npm look for it in the current folder, where it is not. */
function folderStore(dataPath: string): Store {
  const kept = (session: string) => path.join(store, `${session}.zip`);
  return {
    sessionExists: async ({ session }) => existsSync(kept(session)),
    async save({ session }) {
      await mkdir(store, { recursive: true });
      const arriving = `${kept(session)}.new`;
      await copyFile(path.join(dataPath, `${session}.zip`), arriving);
      await rename(arriving, kept(session));
      bytesSent += (await stat(kept(session))).size;
    },
    extract: ({ session, path: target }) => copyFile(kept(session), target),
    delete: ({ session }) => rm(kept(session), { force: true }),
  };
}

serve(commands);
