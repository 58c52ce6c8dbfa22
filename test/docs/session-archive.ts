import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeArchive } from '../../src/snapshot/archive/write-archive.js';
import { writeDatabase } from '../profile/support/leveldb-writer.js';

const DATABASES = [
  'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb',
  'Default/Local Storage/leveldb',
];

/** Writes a small session as whatsapp-web.js's RemoteAuth would. */
export async function writeSession(zipFile: string): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'holdfast-session-'));
  for (const database of DATABASES) await writeDatabase(path.join(profile, database));
  await writeArchive(profile, zipFile);
  await rm(profile, { recursive: true });
}
