import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { browserEnvironment } from './browser-environment.js';

const VERSION = /\b(\d+)\.\d+\.\d+\.\d+\b/;

/**
 * The user agent this browser has with a window: the one it shows without one, less its headless
 * mark. It has to be known before the launch, since only a launch argument also reaches service
 * workers. Null when the version cannot be found out.
 */
export async function windowedUserAgent(executablePath: string): Promise<string | null> {
  const major = VERSION.exec(await readVersion(executablePath))?.[1];
  if (major === undefined) return null;
  return `Mozilla/5.0 (${PLATFORM}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
}

export function withoutHeadlessMark(userAgent: string): string {
  return userAgent.replace('HeadlessChrome/', 'Chrome/');
}

// Chrome's reduced user agent names these whatever the machine really is, see
// components/embedder_support/user_agent_utils.cc.
const PLATFORM =
  { win32: 'Windows NT 10.0; Win64; x64', darwin: 'Macintosh; Intel Mac OS X 10_15_7' }[
    process.platform as string
  ] ?? 'X11; Linux x86_64';

async function readVersion(executablePath: string): Promise<string> {
  try {
    if (process.platform === 'win32') {
      // chrome.exe does not print its version, but its libraries lie in a folder named after it.
      return (await readdir(path.dirname(executablePath))).join('\n');
    }
    const { stdout } = await promisify(execFile)(executablePath, ['--version'], {
      env: browserEnvironment(),
      timeout: 5000,
    });
    return stdout;
  } catch {
    return '';
  }
}
