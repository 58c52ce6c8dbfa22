import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDatabase } from '../../src/profile/leveldb/create-database.js';
import { writeArchive } from '../../src/snapshot/archive/write-archive.js';

const DATABASES = [
  'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb',
  'Default/Local Storage/leveldb',
];
const MARKER = 'Default/File System/000/t/00/00000001';

/**
 * Writes the least that is a session, as a browser leaves it; its databases stay when they are there.
 *
 * @param marker the content of a file in it, by which it is known again
 */
export async function writeProfile(profile: string, marker = ''): Promise<void> {
  for (const database of DATABASES) {
    const folder = path.join(profile, database);
    if (await stat(folder).catch(() => null)) continue;
    await mkdir(path.dirname(folder), { recursive: true });
    await createDatabase(folder, [{ key: Buffer.from('VERSION'), value: Buffer.from('1') }]);
  }
  await mkdir(path.dirname(path.join(profile, MARKER)), { recursive: true });
  await writeFile(path.join(profile, MARKER), marker);
}

export function markerOf(profile: string): Promise<string> {
  return readFile(path.join(profile, MARKER), 'utf8');
}

/** The same as an archive, as whatsapp-web.js's RemoteAuth makes it. */
export async function writeSession(zipFile: string, marker = ''): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'holdfast-session-'));
  await writeProfile(profile, marker);
  await writeArchive(profile, zipFile);
  await rm(profile, { recursive: true });
}
