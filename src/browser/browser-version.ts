import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { browserEnvironment } from './browser-environment.js';

const VERSION = /\b\d+\.\d+\.\d+\.\d+\b/;

interface Remembered {
  /** What changes when an update writes the file; ctime too, as some packages have no mtimes. */
  file: string;
  version: Promise<string | null>;
}

const remembered = new Map<string, Remembered>();

/**
 * The version of a browser, such as `150.0.7871.100`; null when it cannot be found out. Asking
 * starts the browser, so the answer is remembered until its executable changes.
 */
export async function readBrowserVersion(executablePath: string): Promise<string | null> {
  const file = await describeFile(executablePath);
  if (file === null) return null;
  const known = remembered.get(executablePath);
  if (known?.file === file) return known.version;
  const version = askVersion(executablePath);
  remembered.set(executablePath, { file, version });
  // It may have been too busy to answer: that is not to be remembered.
  if ((await version) === null) remembered.delete(executablePath);
  return version;
}

async function describeFile(executablePath: string): Promise<string | null> {
  try {
    const { size, mtimeMs, ctimeMs } = await stat(executablePath);
    return `${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return null;
  }
}

async function askVersion(executablePath: string): Promise<string | null> {
  try {
    return VERSION.exec(await textWithVersion(executablePath))?.[0] ?? null;
  } catch {
    return null;
  }
}

async function textWithVersion(executablePath: string): Promise<string> {
  if (process.platform === 'win32') {
    // chrome.exe does not print its version, but its libraries lie in a folder named after it.
    return (await readdir(path.dirname(executablePath))).join('\n');
  }
  const { stdout } = await promisify(execFile)(executablePath, ['--version'], {
    env: browserEnvironment(),
    timeout: 5000,
  });
  return stdout;
}
