import { readBrowserVersion } from './browser-version.js';

/**
 * The user agent this browser has with a window: the one it shows without one, less its headless
 * mark. It has to be known before the launch, since only a launch argument also reaches service
 * workers. Null when the version cannot be found out.
 */
export async function windowedUserAgent(executablePath: string): Promise<string | null> {
  const version = await readBrowserVersion(executablePath);
  if (version === null) return null;
  const major = Number.parseInt(version, 10);
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
