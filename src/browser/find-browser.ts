import { HoldfastError } from '../errors.js';
import {
  describeUsualPlaces,
  isSnapPlaceholder,
  snapPlaces,
  usualPlaces,
} from './installed-browsers.js';
import { puppeteerCacheFolder, puppeteerCachePlaces } from './puppeteer-cache.js';
import { type SearchSystem, thisSystem } from './search-system.js';

export interface FindBrowserOptions {
  /** The browser to use. Then nothing else is looked at. */
  executablePath?: string | undefined;
}

export interface FoundBrowser {
  executablePath: string;
  /** Who named it: the option, the environment, the system's usual places or Puppeteer's cache. */
  source: 'option' | 'environment' | 'installed' | 'puppeteer-cache';
}

/** The environment variables that name the browser to use, in the order they are looked at. */
export const browserVariables = ['PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH', 'CHROME_BIN'] as const;

/**
 * Finds a Chrome, Chromium or Edge: the one that the option or the environment names, else an
 * installed one, else the newest in Puppeteer's cache, else Chromium's snap.
 *
 * @throws HoldfastError `BROWSER_NOT_FOUND` when there is none, and when the one named cannot be
 * run: another one is never taken in its place.
 */
export function findBrowser(
  options: FindBrowserOptions = {},
  system: SearchSystem = thisSystem(),
): FoundBrowser {
  return namedBrowser(options, system) ?? unnamedBrowser(system) ?? nothingFound(system);
}

function namedBrowser(options: FindBrowserOptions, system: SearchSystem): FoundBrowser | undefined {
  if (options.executablePath !== undefined) {
    const executablePath = options.executablePath;
    requireBrowser(executablePath, 'The option executablePath', system);
    return { executablePath, source: 'option' };
  }
  for (const variable of browserVariables) {
    const executablePath = system.environment[variable];
    if (!executablePath) continue;
    requireBrowser(executablePath, `The environment variable ${variable}`, system);
    return { executablePath, source: 'environment' };
  }
  return undefined;
}

function requireBrowser(path: string, whoNamesIt: string, system: SearchSystem): void {
  if (!system.isExecutable(path)) {
    throw new HoldfastError(
      'BROWSER_NOT_FOUND',
      `${whoNamesIt} says "${path}", but there is no program there that this user may run. ` +
        'Correct the path, or leave it out to have an installed browser found.',
    );
  }
  if (isSnapPlaceholder(path, system)) {
    throw new HoldfastError(
      'BROWSER_NOT_FOUND',
      `${whoNamesIt} says "${path}", which is not a browser but Ubuntu's placeholder for ` +
        `Chromium's snap. ${whatToDo(system)}`,
    );
  }
}

function unnamedBrowser(system: SearchSystem): FoundBrowser | undefined {
  const places: [FoundBrowser['source'], string[]][] = [
    ['installed', usualPlaces(system)],
    ['puppeteer-cache', puppeteerCachePlaces(system)],
    ['installed', snapPlaces(system)],
  ];
  for (const [source, paths] of places) {
    const executablePath = paths.find(
      (path) => system.isExecutable(path) && !isSnapPlaceholder(path, system),
    );
    if (executablePath !== undefined) return { executablePath, source };
  }
  return undefined;
}

function nothingFound(system: SearchSystem): never {
  throw new HoldfastError(
    'BROWSER_NOT_FOUND',
    `No browser was found. Looked for: ${describeUsualPlaces(system)}; Puppeteer's cache in ` +
      `${puppeteerCacheFolder(system)}; the environment variables ` +
      `${browserVariables.join(', ')} (not set). ${whatToDo(system)}`,
  );
}

function whatToDo(system: SearchSystem): string {
  const install =
    system.platform === 'linux'
      ? 'On Debian run "apt-get install chromium"; on Ubuntu install Google Chrome from ' +
        "https://www.google.com/chrome/ (Ubuntu's own package is only a placeholder for a snap); " +
        "elsewhere install your distribution's chromium package"
      : 'Install Google Chrome from https://www.google.com/chrome/';
  return (
    `${install}. Or set PUPPETEER_EXECUTABLE_PATH (or the option puppeteer.executablePath) to ` +
    'the browser you want to use.'
  );
}
