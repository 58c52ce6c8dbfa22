import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal, removeJournal } from './live-journal-file.js';
import type { LiveCookie } from './live-values.js';
import { mergeLocalStorageUnlessNewer } from './local-storage.js';
import { readOpeningMark } from './profile-opening.js';

/** Where Chromium keeps cookies, now and in older versions. */
const COOKIE_FILES = ['Default/Network/Cookies', 'Default/Cookies'];

/**
 * Brings what {@link LiveJournal} kept of the last run, or what finishLayDown left with a restored
 * profile, into a profile that no browser has open; to be called before each start, after
 * prepareProfile. The localStorage goes into the files; the cookies are returned, for
 * putBackCookies once the browser runs.
 *
 * - If a browser has opened the profile since, whichever program started it, the journal is void.
 * - What the browser has written on disk after the journal's moment is newer, and stays. After an
 *   end in which it could close itself that is everything there was to write.
 * - A journal that is damaged is none.
 *
 * Not the exit type in the profile's preferences decides, though it looks made for that. Measured
 * on Chromium 150: for ten seconds after a start it is still that of the run before; once a run
 * has crashed it stays `Crashed` also when later ones end well; and `Normal` is written before
 * localStorage is flushed, so that 2 of 12 browsers killed at that moment had lost it.
 *
 * @throws {HoldfastError} PROFILE_DAMAGED, DATA_PATH_UNUSABLE
 */
export async function recoverLiveValues(userDataDir: string): Promise<LiveCookie[]> {
  const entry = await readJournal(userDataDir);
  const opening = await readOpeningMark(userDataDir).catch(() => null);
  if (entry === undefined || entry.opening !== opening) {
    await removeJournal(userDataDir);
    return [];
  }
  // The file stays until the journal of the next run takes its place: if that run ends before it
  // has opened anything, all this is done again, and changes nothing more.
  await mergeLocalStorageUnlessNewer(userDataDir, entry.localStorage, entry.readAt);
  return (await cookiesWrittenAt(userDataDir)) < entry.readAt ? entry.cookies : [];
}

/** All cookies are written together: when they were last, in milliseconds since 1970, or 0. */
async function cookiesWrittenAt(userDataDir: string): Promise<number> {
  const times = COOKIE_FILES.map(async (name) => {
    const { mtimeMs } = await stat(join(userDataDir, name)).catch(() => ({ mtimeMs: 0 }));
    return mtimeMs;
  });
  return Math.max(...(await Promise.all(times)));
}
