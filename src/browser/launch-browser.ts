import { rmSync } from 'node:fs';
import puppeteer, { type Browser, type LaunchOptions } from 'puppeteer-core';
import { HoldfastError } from '../errors.js';
import { onProcessExit } from '../system/process-exit.js';
import { browserArguments } from './browser-arguments.js';
import { browserEnvironment } from './browser-environment.js';
import { requireExecutable } from './browser-executable.js';
import { endBrowserProcess, killBrowser } from './end-browser-process.js';
import { explainLaunchFailure } from './launch-failure.js';
import { quietPipes } from './quiet-pipes.js';
import {
  createTemporaryProfile,
  removeTemporaryProfile,
  temporaryFilesIn,
} from './temporary-profile.js';
import { windowedUserAgent } from './user-agent.js';

export interface LaunchRequest {
  /** Puppeteer's launch options. Without a user data dir in them the profile is temporary. */
  puppeteer: LaunchOptions;
  /**
   * A user agent of the caller's; false for the browser's own; undefined for the browser's own
   * without its headless mark.
   */
  userAgent: string | false | undefined;
}

/** A Chromium started by this process. */
export interface LaunchedBrowser {
  browser: Browser;
  /**
   * Closes the browser so that everything is flushed to the profile; one that does not close
   * within ten seconds is killed. May be called again, and after the browser died. Resolves when
   * no process of it is left and a temporary profile is gone.
   */
  close(): Promise<void>;
}

/**
 * Starts a Chromium that is driven over a pipe, so that it closes itself, flushing its profile,
 * when this process ends in whatever way. It gets no secrets of this process's environment.
 *
 * @throws {HoldfastError} BROWSER_NOT_FOUND, BROWSER_LAUNCH_FAILED, PROFILE_IN_USE
 */
export async function launchBrowser(request: LaunchRequest): Promise<LaunchedBrowser> {
  const options = request.puppeteer;
  if (options.browser === 'firefox') {
    throw new HoldfastError(
      'INCOMPATIBLE_OPTIONS',
      'puppeteer.browser is "firefox", but Holdfast drives Chrome, Chromium or Edge. Remove it.',
    );
  }
  const executablePath = requireExecutable(options);
  const port = options.debuggingPort;
  const given = [...(options.args ?? []), ...(port ? [`--remote-debugging-port=${port}`] : [])];
  const args = browserArguments(given, process.getuid?.() === 0);
  if (!args.some((arg) => arg.startsWith('--user-agent='))) {
    const userAgent = request.userAgent ?? (await windowedUserAgent(executablePath));
    if (userAgent) args.push(`--user-agent=${userAgent}`);
  }
  const isKept =
    options.userDataDir !== undefined || args.some((arg) => arg.startsWith('--user-data-dir='));
  const temporary = isKept ? undefined : await createTemporaryProfile();
  const settings: LaunchOptions = {
    env: { ...browserEnvironment(), ...(temporary && temporaryFilesIn(temporary.folder)) },
    ...options,
    executablePath,
    args,
    pipe: true,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ...(temporary && { userDataDir: temporary.userDataDir }),
  };

  let launched: Browser | undefined;
  const stopListening = onProcessExit(() => {
    const child = launched?.process();
    if (!child) return;
    if (temporary) {
      killBrowser(child);
      rmSync(temporary.folder, { recursive: true, force: true, maxRetries: 5 });
    }
    // Puppeteer would now kill the browser, and lose what it has not flushed. Without a pid to
    // kill it leaves it alone, and the closed pipe lets the browser end properly by itself.
    Object.assign(child, { pid: undefined });
  });
  const release = async () => {
    stopListening();
    if (temporary) await removeTemporaryProfile(temporary.folder);
  };

  try {
    launched = await puppeteer.launch(settings);
  } catch (error) {
    await release();
    throw await explainLaunchFailure(error, settings);
  }
  const browser = launched;
  quietPipes(browser);
  let closed: Promise<void> | undefined;
  return {
    browser,
    close: () => {
      closed ??= endBrowserProcess(browser).finally(release);
      return closed;
    },
  };
}
