import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { environmentFor, type StorePlace } from '../stores/store-place.js';
import type { HoldfastCommands } from '../workers/holdfast.js';
import { Worker } from '../workers/worker.js';
import { type OpenPeer, type Peer, type Place, SESSION } from './peer.js';

/** Holdfast's engine in a process of its own, with a key. */
export async function startHoldfast(
  store: StorePlace,
  work: string,
  key = randomBytes(32),
): Promise<Worker<HoldfastCommands>> {
  await mkdir(work, { recursive: true });
  const env = { ...environmentFor(store), BENCH_KEY: key.toString('base64'), TMPDIR: work };
  return Worker.start<HoldfastCommands>('holdfast', env);
}

/** On a `FileStore`. */
export const holdfastPeer: Peer = {
  name: 'holdfast',
  isIncremental: true,
  unavailable: async () => undefined,
  open: (place) => openHoldfast(place, { kind: 'folder', path: place.store }),
};

export async function openHoldfast({ profile, work }: Place, store: StorePlace): Promise<OpenPeer> {
  const key = randomBytes(32);
  const saving = await startHoldfast(store, work, key);
  return {
    attach: (endpoint) => saving.call('attach', { profile, endpoint }),
    save: () => saving.call('save', null),
    async restore(folder) {
      const target = path.join(folder, SESSION);
      const restoring = await startHoldfast(store, work, key);
      try {
        return { ...(await restoring.call('restore', { target })), profile: target };
      } finally {
        await restoring.stop();
      }
    },
    close: () => saving.call('close', null).finally(() => saving.stop()),
  };
}
