import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeJournal } from './live-journal-file.js';
import type { LiveValues } from './live-values.js';
import { mergeLocalStorage } from './local-storage.js';
import { prepareProfile } from './prepare-profile.js';

/**
 * Makes a folder of captured files one that a browser opens with everything in it: live values go
 * into the database on disk, where they are safe from the first moment. Put back by a script in
 * the page, they were gone again when the browser was killed a second later. Cookies are sealed by
 * the operating system on disk, so they wait in the journal for the browser that is started next.
 *
 * @throws {HoldfastError} PROFILE_DAMAGED, PROFILE_LAYOUT_UNSUPPORTED, DATA_PATH_UNUSABLE
 */
export async function finishLayDown(userDataDir: string, live: LiveValues | null): Promise<void> {
  await prepareProfile(userDataDir);
  await writePreferences(userDataDir);
  if (live === null) return;
  await mergeLocalStorage(userDataDir, live.localStorage);
  const { cookies } = live;
  // Newer than the cookies' file, which has just been written.
  const readAt = Date.now() + 1;
  await writeJournal(userDataDir, { opening: null, readAt, localStorage: [], cookies });
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
