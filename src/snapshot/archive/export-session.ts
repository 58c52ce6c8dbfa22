import path from 'node:path';
import type { SessionLocation } from '../open-session.js';
import type { RestoreProgress } from '../restore/fetch-chunks.js';
import { type RestoredSnapshot, restoreSession } from '../restore/restore-session.js';
import { inTemporaryFolder } from './import-archive.js';
import { writeArchive } from './write-archive.js';

export interface ExportOptions extends SessionLocation {
  /** The archive to write; one that is there is replaced once the new one is complete. */
  zipFile: string;
  /** The sequence number of the snapshot. Default: the newest that verifies. */
  snapshot?: number | undefined;
  /** Where the session is restored to for a while. Default: the folder of `zipFile`. */
  temporaryDir?: string | undefined;
  onProgress?: ((progress: RestoreProgress) => void) | undefined;
}

/**
 * Writes a session as the archive that whatsapp-web.js's RemoteAuth unpacks. **It is not sealed**:
 * whoever has the file has the login.
 *
 * @throws {HoldfastError} those of `restoreSession`, and PROFILE_EMPTY
 */
export async function exportSession(options: ExportOptions): Promise<RestoredSnapshot> {
  const { zipFile, temporaryDir = path.dirname(path.resolve(zipFile)), ...location } = options;
  return inTemporaryFolder(temporaryDir, async (folder) => {
    const targetDir = path.join(folder, 'profile');
    const restored = await restoreSession({ ...location, targetDir });
    await writeArchive(targetDir, zipFile);
    return restored;
  });
}
