import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../measure/command.js';
import { type FoundFile, filesBelow } from '../measure/files.js';
import { SAVED_FOLDERS } from '../profiles/made-profile.js';
import type { Done, OpenPeer, Peer, Place } from './peer.js';

/** restic with a repository on the same disk, and a password, as it comes. */
export const resticPeer: Peer = {
  name: 'restic',
  isIncremental: true,

  unavailable: () =>
    runCommand('restic', ['version']).then(
      () => undefined,
      (error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT'
          ? 'restic is not installed (Debian: apt-get install restic)'
          : error.message,
    ),

  async open({ profile, store, work }: Place): Promise<OpenPeer> {
    await mkdir(work, { recursive: true });
    const env = {
      RESTIC_REPOSITORY: store,
      RESTIC_PASSWORD: 'benchmark',
      RESTIC_CACHE_DIR: path.join(work, 'cache'),
      TMPDIR: work,
    };
    const restic = async (args: string[], cwd?: string): Promise<Done> => {
      const before = new Set(filesOf(store).map(({ path: file }) => file));
      const { cost } = await runCommand('restic', ['--quiet', ...args], { cwd: cwd ?? work, env });
      const written = filesOf(store).filter(({ path: file }) => !before.has(file));
      const bytesSent = written.reduce((sum, { stats }) => sum + stats.size, 0);
      return { ...cost, requests: null, bytesSent };
    };
    await restic(['init']);
    return {
      attach: async () => undefined,
      save: () => restic(['backup', ...SAVED_FOLDERS], profile),
      restore: async (folder) => ({
        ...(await restic(['restore', 'latest', '--target', folder])),
        profile: folder,
      }),
      close: async () => undefined,
    };
  },
};

/** A repository's files are written once: new bytes are those of new files. */
function filesOf(store: string): FoundFile[] {
  return [...filesBelow(store)];
}
