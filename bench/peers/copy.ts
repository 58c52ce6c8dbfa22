import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../measure/command.js';
import { bytesBelow } from '../measure/files.js';
import { SAVED_FOLDERS } from '../profiles/made-profile.js';
import type { Done, OpenPeer, Peer, Place } from './peer.js';

/** `cp -r`: the least that a full copy costs. Taken from a running browser, it need not open. */
export const copyPeer: Peer = {
  name: 'cp -r',
  isIncremental: false,
  unavailable: async () => (process.platform === 'win32' ? 'Windows has no cp' : undefined),

  async open({ profile, store }: Place): Promise<OpenPeer> {
    // Beside the copy that is there, so that there is always a whole one.
    const arriving = path.join(store, 'copy.new');
    const kept = path.join(store, 'copy');
    return {
      attach: async () => undefined,
      save: () => copy(profile, arriving),
      async tidy() {
        await rm(kept, { recursive: true, force: true });
        await rename(arriving, kept);
      },
      restore: async (folder) => ({ ...(await copy(kept, folder)), profile: folder }),
      close: async () => undefined,
    };
  },
};

async function copy(from: string, to: string): Promise<Done> {
  const target = path.join(to, 'Default');
  await mkdir(target, { recursive: true });
  const folders = SAVED_FOLDERS.map((folder) => path.join(from, folder));
  const { cost } = await runCommand('cp', ['-r', ...folders, target]);
  return { ...cost, requests: null, bytesSent: bytesBelow(to) };
}
