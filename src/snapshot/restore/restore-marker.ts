import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MARKER = 'holdfast-restored.json';

/** What a restored folder says of itself, once everything else is in it. */
export interface RestoreMarker {
  session: string;
  generation: number;
  sequence: number;
  savedAt: string;
  browserVersion: string | null;
}

export async function writeRestoreMarker(
  userDataDir: string,
  marker: RestoreMarker,
): Promise<void> {
  await writeFile(path.join(userDataDir, MARKER), JSON.stringify(marker), { mode: 0o600 });
}

/** Null when the folder was not restored, or not to its end. */
export async function readRestoreMarker(userDataDir: string): Promise<RestoreMarker | null> {
  try {
    return JSON.parse(await readFile(path.join(userDataDir, MARKER), 'utf8')) as RestoreMarker;
  } catch {
    return null;
  }
}
