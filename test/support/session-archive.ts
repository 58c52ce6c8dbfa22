import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDatabase } from '../../src/profile/leveldb/create-database.js';
import { writeArchive } from '../../src/snapshot/archive/write-archive.js';

const DATABASES = [
  'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb',
  'Default/Local Storage/leveldb',
];

/** Writes a small session as whatsapp-web.js's RemoteAuth would. */
export async function writeSession(zipFile: string): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'holdfast-session-'));
  for (const database of DATABASES) {
    const folder = path.join(profile, database);
    await mkdir(path.dirname(folder), { recursive: true });
    await createDatabase(folder, [{ key: Buffer.from('VERSION'), value: Buffer.from('1') }]);
  }
  await writeArchive(profile, zipFile);
  await rm(profile, { recursive: true });
}
