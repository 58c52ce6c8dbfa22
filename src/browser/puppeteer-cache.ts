import { posix, win32 } from 'node:path';
import type { SearchSystem } from './search-system.js';

/** The folder Puppeteer downloads browsers to: `PUPPETEER_CACHE_DIR`, or its default. */
export function puppeteerCacheFolder(system: SearchSystem): string {
  const { join } = pathsOf(system);
  return (
    system.environment.PUPPETEER_CACHE_DIR || join(system.homeDirectory, '.cache', 'puppeteer')
  );
}

/**
 * The executables in Puppeteer's cache that are made for this system: Chrome before Chromium,
 * the newest of each first.
 *
 * The layout is that of `@puppeteer/browsers` (src/Cache.ts and src/browser-data/): one folder
 * `<browser>/<platform>-<build>` for each download, in it the unpacked archive.
 */
export function puppeteerCachePlaces(system: SearchSystem): string[] {
  const { join } = pathsOf(system);
  return Object.entries(executables[systemFamily(system)]).flatMap(([browser, inArchive]) => {
    const folder = join(puppeteerCacheFolder(system), browser);
    return downloadsFor(system, system.namesIn(folder)).flatMap((download) =>
      inArchive.map((path) => join(folder, download, ...path)),
    );
  });
}

const macProgram = (name: string) => [`${name}.app`, 'Contents', 'MacOS', name];

const executables = {
  linux: {
    chrome: [['chrome-linux64', 'chrome']],
    chromium: [['chrome-linux', 'chrome']],
  },
  mac: {
    chrome: [
      ['chrome-mac-arm64', ...macProgram('Google Chrome for Testing')],
      ['chrome-mac-x64', ...macProgram('Google Chrome for Testing')],
    ],
    chromium: [['chrome-mac', ...macProgram('Chromium')]],
  },
  windows: {
    chrome: [
      ['chrome-win64', 'chrome.exe'],
      ['chrome-win32', 'chrome.exe'],
    ],
    chromium: [['chrome-win', 'chrome.exe']],
  },
};

function systemFamily(system: SearchSystem): keyof typeof executables {
  if (system.platform === 'win32') return 'windows';
  return system.platform === 'darwin' ? 'mac' : 'linux';
}

function pathsOf(system: SearchSystem): typeof posix {
  return system.platform === 'win32' ? win32 : posix;
}

/** Puppeteer's names of the platforms whose programs run here. */
function platformsFor(system: SearchSystem): string[] {
  const arm = system.architecture === 'arm64';
  if (system.platform === 'win32') return ['win64', 'win32'];
  if (system.platform === 'darwin') return arm ? ['mac_arm', 'mac'] : ['mac'];
  return arm ? ['linux_arm'] : ['linux'];
}

function downloadsFor(system: SearchSystem, names: string[]): string[] {
  const platforms = platformsFor(system);
  return names
    .map((name) => ({ name, platform: name.split('-', 1)[0] ?? '', build: buildNumber(name) }))
    .filter(({ platform, build }) => platforms.includes(platform) && build.length > 0)
    .sort(
      (a, b) =>
        compareNumbers(b.build, a.build) ||
        platforms.indexOf(a.platform) - platforms.indexOf(b.platform),
    )
    .map(({ name }) => name);
}

/** `linux-131.0.6778.85` → [131, 0, 6778, 85]; empty if the name does not end in a build. */
function buildNumber(name: string): number[] {
  const build = /^[^-]+-(\d+(?:\.\d+)*)$/.exec(name)?.[1];
  return build === undefined ? [] : build.split('.').map(Number);
}

function compareNumbers(a: number[], b: number[]): number {
  const firstDifference = a.findIndex((part, index) => part !== b[index]);
  return firstDifference === -1
    ? a.length - b.length
    : (a[firstDifference] ?? 0) - (b[firstDifference] ?? 0);
}
