import puppeteer, { type LaunchOptions } from 'puppeteer-core';
import { findBrowser } from './find-browser.js';

type ExecutableOptions = Pick<LaunchOptions, 'executablePath' | 'channel'>;

/**
 * The executable that a launch with these options starts.
 *
 * @throws {HoldfastError} BROWSER_NOT_FOUND; Puppeteer's error for a channel that is not installed
 */
export function requireExecutable(options: ExecutableOptions): string {
  const { executablePath, channel } = options;
  return executablePath === undefined && channel !== undefined
    ? puppeteer.executablePath(channel)
    : findBrowser({ executablePath }).executablePath;
}

/** The same; null when there is none that could be started. */
export function executableOf(options: ExecutableOptions): string | null {
  try {
    return requireExecutable(options);
  } catch {
    return null;
  }
}
