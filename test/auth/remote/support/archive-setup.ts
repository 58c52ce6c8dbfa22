import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ArchiveSession,
  type ArchiveSessionOptions,
} from '../../../../src/auth/remote/archive-session.js';
import { ProfileCapturer } from '../../../../src/profile/capture/profile-capturer.js';
import { temporaryFolder } from '../../../profile/support/temporary-folder.js';
import { smallProfile, type TestProfile } from '../../../snapshot/support/test-profile.js';
import { CommunityStore } from './community-store.js';

export const session = 'RemoteAuth-shop';

/** A machine with a store, which others can have as well. */
export interface Machine {
  store: CommunityStore;
  dataPath: string;
  cwd: string;
  userDataDir: string;
  profile: TestProfile;
  /** A new process. */
  open(options?: Partial<ArchiveSessionOptions>): ArchiveSession;
  /** The profile as a browser leaves it, and how it is captured. */
  write(): Promise<ProfileCapturer>;
  /** Everything in the data path and the working directory but the profile. */
  leftovers(): Promise<string[]>;
}

export async function machine(
  options: { readsFrom?: 'cwd' | 'dataPath'; cwd?: string } = {},
): Promise<Machine> {
  const root = await temporaryFolder();
  const dataPath = join(root, 'data');
  const cwd = options.cwd ?? join(root, 'cwd');
  await mkdir(cwd, { recursive: true });
  const readsFrom = options.readsFrom === 'dataPath' ? dataPath : cwd;
  return machineWith(new CommunityStore(join(root, 'store'), readsFrom), dataPath, cwd);
}

/** Another machine with the same store, which only reads from it. */
export async function otherMachine({ store }: Machine): Promise<Machine> {
  const root = await temporaryFolder();
  return machineWith(store, join(root, 'data'), root);
}

function machineWith(store: CommunityStore, dataPath: string, cwd: string): Machine {
  const userDataDir = join(dataPath, session);
  const profile = smallProfile();
  return {
    store,
    dataPath,
    cwd,
    userDataDir,
    profile,
    open: (options = {}) =>
      new ArchiveSession({
        store,
        session,
        dataPath,
        cwd,
        patience: { extractMs: 500, deleteMs: 1000 },
        ...options,
      }),
    write: async () => {
      await profile.writeTo(userDataDir);
      const { live } = profile;
      const livePage =
        live.state === 'included' ? { readLiveValues: async () => live.values } : undefined;
      return new ProfileCapturer(userDataDir, { livePage });
    },
    leftovers: async () => {
      const inData = await readdir(dataPath).catch(() => []);
      const names = [...inData.filter((name) => name !== session), ...(await readdir(cwd))];
      return names.filter((name) => name !== 'data');
    },
  };
}

/** What a browser writes, so that a later save has something to send. */
export async function browse({ profile, userDataDir }: Machine): Promise<void> {
  profile.append();
  await profile.writeTo(userDataDir);
  await writeFile(join(userDataDir, 'Last Version'), '156.0.8078.73');
}

export const KEY = randomBytes(32);
