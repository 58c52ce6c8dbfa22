import fs from 'node:fs/promises';
import path from 'node:path';

/**
 * The version of the browser that last opened a profile, such as `156.0.8078.73`; null if unknown.
 * chrome/browser/chrome_browser_main.cc writes it at each start.
 */
export async function lastBrowserVersion(
  userDataDir: string,
  files: Pick<typeof fs, 'readFile'> = fs,
): Promise<string | null> {
  try {
    const text = await files.readFile(path.join(userDataDir, 'Last Version'), 'utf8');
    return /^\d+(\.\d+){3}$/.exec(text.trim())?.[0] ?? null;
  } catch {
    return null;
  }
}
