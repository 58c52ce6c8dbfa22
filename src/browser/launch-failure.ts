import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LaunchOptions } from 'puppeteer-core';
import { HoldfastError } from '../errors.js';
import { createTemporaryProfile, removeTemporaryProfile } from './temporary-profile.js';

const HINTS: [RegExp, string][] = [
  [
    /No usable sandbox|sandbox.*(helper|namespace)|setuid sandbox/i,
    'This system does not let the browser build its sandbox. Allow unprivileged user namespaces ' +
      '(on Ubuntu see kernel.apparmor_restrict_unprivileged_userns), or pass --no-sandbox in puppeteer.args.',
  ],
  [
    /error while loading shared libraries: (\S+?):/,
    "The browser lacks system libraries. Install your distribution's chromium package, which brings them.",
  ],
  [
    /Missing X server|cannot open display|Unable to open X display/i,
    'There is no display to open a window on. Leave puppeteer.headless at true, or start with xvfb-run.',
  ],
];

/** Makes one clear error of a failed launch. */
export async function explainLaunchFailure(
  cause: unknown,
  settings: LaunchOptions,
): Promise<HoldfastError> {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('already running')) {
    return new HoldfastError(
      'PROFILE_IN_USE',
      `The profile ${settings.userDataDir} is in use by another browser. Close it first.`,
      { cause },
    );
  }
  // Over a pipe Puppeteer's error holds nothing of what the browser said, so it is asked once more.
  const said = message.includes('stderr') ? message : await lastWords(settings);
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1];
  const detail = said.trim().split('\n').slice(-3).join('\n');
  return new HoldfastError(
    'BROWSER_LAUNCH_FAILED',
    `The browser ${settings.executablePath} did not start: ${firstLine(message)}` +
      (hint ? `\n${hint}` : '') +
      (detail ? `\nIt said: ${detail}` : ''),
    { cause },
  );
}

async function lastWords(settings: LaunchOptions): Promise<string> {
  const { folder, userDataDir } = await createTemporaryProfile();
  const args = (settings.args ?? []).filter((arg) => !arg.startsWith('--remote-debugging-'));
  try {
    const { stderr } = await promisify(execFile)(
      settings.executablePath as string,
      [
        ...args,
        settings.headless === false ? '--no-first-run' : '--headless=new',
        `--user-data-dir=${userDataDir}`,
        '--dump-dom',
        'about:blank',
      ],
      { env: settings.env as NodeJS.ProcessEnv, timeout: 5000, killSignal: 'SIGKILL' },
    );
    return stderr;
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error);
  } finally {
    await removeTemporaryProfile(folder).catch(() => undefined);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
