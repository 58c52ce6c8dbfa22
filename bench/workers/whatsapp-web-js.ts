import { RemoteAuth, type Store } from 'whatsapp-web.js';
import { bytesBelow } from '../measure/files.js';
import { Traffic } from '../measure/traffic.js';
import { measureWork, nowIdle } from '../measure/work.js';
import { type Done, SESSION } from '../peers/peer.js';
import { openCommunityStore } from '../stores/community-store.js';
import { openHoldfastStore } from '../stores/holdfast-store.js';
import { toldPlace } from '../stores/store-place.js';
import { serve } from './serve.js';

const place = toldPlace();
const traffic = new Traffic();

/** What its Client calls, and does not declare. */
interface Strategy {
  setup(client: object): void;
  beforeBrowserInitialized(): Promise<void>;
  storeRemoteSession(options: { emit: boolean }): Promise<void>;
}

export interface RemoteAuthSettings {
  dataPath: string;
  /** Whose store it has: Holdfast's then seals with this key (Base64), the others have none. */
  holdfastKey: string | null;
}

let saving: Strategy | undefined;

export type WhatsAppWebJsCommands = typeof commands;

const commands = {
  /** What its Client does before it launches the browser; with nothing saved it makes the folder. */
  async open(settings: RemoteAuthSettings): Promise<void> {
    saving = await strategy(settings);
    await saving.beforeBrowserInitialized();
    // Stores on npm look for the zip here, and RemoteAuth puts it in its data path.
    process.chdir(settings.dataPath);
    // mongoose is connected anyway.
    nowIdle();
  },

  async save(_: null): Promise<Done> {
    traffic.take();
    const { cost } = await measureWork(async () => saving?.storeRemoteSession({ emit: true }));
    const bytes = traffic.take();
    // The zip is all that lies there.
    if (place.kind === 'folder') bytes.bytesSent = bytesBelow(place.path);
    return { ...cost, requests: null, ...bytes };
  },

  async restore(settings: RemoteAuthSettings): Promise<Done> {
    const restoring = await strategy(settings);
    nowIdle();
    traffic.take();
    const { cost } = await measureWork(() => restoring.beforeBrowserInitialized());
    return { ...cost, requests: null, ...traffic.take() };
  },
};

async function strategy({ dataPath, holdfastKey }: RemoteAuthSettings): Promise<Strategy> {
  const made = new RemoteAuth({
    store: await openStore({ dataPath, holdfastKey }),
    clientId: SESSION.replace('RemoteAuth-', ''),
    dataPath,
    backupSyncIntervalMs: 60_000,
  }) as unknown as Strategy;
  made.setup({ options: { puppeteer: {} }, emit: () => true });
  return made;
}

async function openStore({ dataPath, holdfastKey }: RemoteAuthSettings): Promise<Store> {
  if (holdfastKey === null) return openCommunityStore(place, dataPath);
  const encryptionKey = Buffer.from(holdfastKey, 'base64');
  return openHoldfastStore(place, { encryptionKey, dataPath });
}

serve(commands);
