import { stat } from 'node:fs/promises';
import { RemoteAuth } from 'whatsapp-web.js';
import { measureWork } from '../measure/work.js';
import { type Done, SESSION } from '../peers/peer.js';
import { folderStore } from './folder-store.js';
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
    store: folderStore(store, dataPath, async (file) => {
      bytesSent += (await stat(file)).size;
    }),
    clientId: SESSION.replace('RemoteAuth-', ''),
    dataPath,
    backupSyncIntervalMs: 60_000,
  }) as unknown as Strategy;
  made.setup({ options: { puppeteer: {} }, emit: () => true });
  return made;
}

serve(commands);
