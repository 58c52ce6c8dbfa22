import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryObjects } from '../../src/objects/memory-objects.js';
import { ProfileSaver } from '../../src/snapshot/profile-saver.js';
import { restoreSession } from '../../src/snapshot/restore/restore-session.js';
import { StorageBrowser, servePage } from '../profile/support/storage-browser.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';

const session = 'RemoteAuth-test';

describe.each([
  ['sealed', randomBytes(32)],
  ['not sealed', undefined],
])('a session, %s', (_how, encryptionKey) => {
  it('comes back from the store as it was at each save, while the browser goes on', async () => {
    const store = new MemoryObjects();
    const folder = await temporaryFolder();
    const userDataDir = join(folder, 'profile');
    const url = await servePage();
    const browser = await StorageBrowser.start(userDataDir, url);
    await browser.write(['a', 'b']);
    const saver = await ProfileSaver.open({ store, session, userDataDir, encryptionKey });

    const first = await saver.save();
    expect(first).toMatchObject({ session, generation: 1, sequence: 1 });
    await browser.write(['c']);
    const second = await saver.save();
    expect(second).toMatchObject({ session, generation: 1, sequence: 2 });
    expect(second?.bytesSent).toBeLessThan(first?.bytesSent ?? 0);
    expect(await saver.save()).toBeNull();
    await browser.kill();

    const namesOf = async (snapshot: number | undefined, name: string) => {
      const targetDir = join(folder, name);
      const restored = await restoreSession({ store, session, encryptionKey, targetDir, snapshot });
      const opened = await StorageBrowser.start(targetDir, url);
      return { restored, names: await opened.names() };
    };
    const newest = await namesOf(undefined, 'newest');
    expect(newest.restored).toMatchObject({ sequence: 2, skipped: [], reusedFiles: 0 });
    expect(newest.names).toEqual(['a', 'b', 'c']);
    expect((await namesOf(1, 'older')).names).toEqual(['a', 'b']);
  });
});
