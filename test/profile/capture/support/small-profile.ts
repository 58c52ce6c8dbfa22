import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CapturedProfile } from '../../../../src/profile/capture/captured-profile.js';
import { ProfileCapturer } from '../../../../src/profile/capture/profile-capturer.js';
import { checkDatabase } from '../../../../src/profile/leveldb/check-database.js';
import type { LivePage } from '../../../../src/profile/live-values.js';
import { writeDatabase } from '../../support/leveldb-writer.js';
import { type Script, scriptedFiles } from '../../support/scripted-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export const DATABASE = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';
export const BLOBS = DATABASE.replace(/\.leveldb$/, '.blob');
export const CACHED = 'Default/Service Worker/CacheStorage/a/b/entry_0';

export interface Setup {
  userDataDir: string;
  dir: string;
}

export async function makeProfile(
  files: Record<string, Buffer | string | undefined> = {},
): Promise<Setup> {
  const userDataDir = await temporaryFolder();
  const dir = join(userDataDir, DATABASE);
  await writeDatabase(dir, files);
  for (const [name, content] of [
    [`${BLOBS}/1/00/2`, 'blob'],
    [CACHED, 'cached'],
  ] as const) {
    await mkdir(dirname(join(userDataDir, name)), { recursive: true });
    await writeFile(join(userDataDir, name), content);
  }
  return { userDataDir, dir };
}

export function capturer(
  { userDataDir }: Setup,
  script: Script = () => undefined,
  livePage?: LivePage,
) {
  return new ProfileCapturer(userDataDir, { files: scriptedFiles(script), livePage });
}

export async function contentOf(profile: CapturedProfile, name: string): Promise<Buffer> {
  const file = profile.files.find(({ path }) => path === name);
  if (!file) throw new Error(`${name} was not captured`);
  const content = Buffer.alloc(file.size);
  await file.read(content, 0);
  return content;
}

/** Writes a capture out and checks its database as before a launch. */
export async function check(profile: CapturedProfile): Promise<unknown> {
  const folder = await temporaryFolder();
  for (const { path } of profile.files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), await contentOf(profile, path));
  }
  return checkDatabase(join(folder, DATABASE));
}

export async function openHandles(folder: string): Promise<string[]> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(
    names.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith(folder));
}

/** The names of the links and copies that a capture holds on to. */
export function pinsIn({ userDataDir }: Setup): Promise<string[]> {
  return readdir(join(userDataDir, 'holdfast-pins')).catch(() => []);
}
