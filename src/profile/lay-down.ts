import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StorageArea } from './live-values.js';
import { mergeLocalStorage } from './local-storage.js';
import { prepareProfile } from './prepare-profile.js';

/**
 * Makes a folder of captured files one that a browser opens with everything in it: live values go
 * into the database on disk, where they are safe from the first moment. Put back by a script in
 * the page, they were gone again when the browser was killed a second later.
 *
 * @throws {HoldfastError} PROFILE_DAMAGED, PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE
 */
export async function finishLayDown(
  userDataDir: string,
  localStorage: readonly StorageArea[],
): Promise<void> {
  await prepareProfile(userDataDir);
  await mergeLocalStorage(userDataDir, localStorage);
  await writePreferences(userDataDir);
}

/**
 * The one preference that is carried. After a crash, as it says there was one, Chromium keeps
 * session cookies; else it drops them (chrome/browser/sessions/exit_type_service.cc).
 */
export async function writePreferences(userDataDir: string): Promise<void> {
  const folder = path.join(userDataDir, 'Default');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const preferences = { profile: { exit_type: 'Crashed' } };
  await writeFile(path.join(folder, 'Preferences'), JSON.stringify(preferences), { mode: 0o600 });
}
