import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { environmentFor, type StorePlace } from '../stores/store-place.js';
import type { WhatsAppWebJsCommands } from '../workers/whatsapp-web-js.js';
import { Worker } from '../workers/worker.js';
import { type OpenPeer, type Peer, type Place, SESSION } from './peer.js';

/** whatsapp-web.js's own RemoteAuth, from npm, with a store that keeps its zip in a folder. */
export const whatsAppWebJsPeer: Peer = {
  name: 'whatsapp-web.js',
  isIncremental: false,
  unavailable: async () => undefined,
  open: (place) => openRemoteAuth(place, { kind: 'folder', path: place.store }),
};

/** With a key, the store is Holdfast's for that place. */
export async function openRemoteAuth(
  { profile, work }: Place,
  store: StorePlace,
  key?: Buffer,
): Promise<OpenPeer> {
  await mkdir(work, { recursive: true });
  const env = { ...environmentFor(store), TMPDIR: work };
  const holdfastKey = key?.toString('base64') ?? null;
  const saving = await startWorker(env);
  await saving.call('open', { dataPath: path.dirname(profile), holdfastKey });
  return {
    attach: async () => undefined,
    save: () => saving.call('save', null),
    async restore(folder) {
      const restoring = await startWorker(env);
      try {
        const done = await restoring.call('restore', { dataPath: folder, holdfastKey });
        return { ...done, profile: path.join(folder, SESSION) };
      } finally {
        await restoring.stop();
      }
    },
    close: () => saving.stop(),
  };
}

function startWorker(env: NodeJS.ProcessEnv): Promise<Worker<WhatsAppWebJsCommands>> {
  return Worker.start<WhatsAppWebJsCommands>('whatsapp-web-js', env);
}
