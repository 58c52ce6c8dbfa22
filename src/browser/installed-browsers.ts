import { posix, win32 } from 'node:path';
import type { SearchSystem } from './search-system.js';

/** Where an installed Chrome, Chromium or Edge usually lies on this system, best first. */
export function usualPlaces(system: SearchSystem): string[] {
  if (system.platform === 'win32') return windowsPlaces(system);
  if (system.platform === 'darwin') return macPlaces(system);
  return unixPlaces(system);
}

/** The usual places in words, for the error that says where was looked. */
export function describeUsualPlaces(system: SearchSystem): string {
  if (system.platform === 'win32') {
    return `Google Chrome, Chromium and Microsoft Edge in ${windowsFolders.join(', ')}`;
  }
  if (system.platform === 'darwin') {
    return `${macApplications.join(', ')} in ${macFolders(system).join(' and ')}`;
  }
  return `${unixCommands.join(', ')} on PATH and in ${unixFolders.join(' and ')}, ${unixFiles.join(', ')}`;
}

/**
 * Chromium as a snap. It comes after everything else because a snap is confined: it has a /tmp of
 * its own and may not write to hidden folders in the home directory.
 */
export function snapPlaces(system: SearchSystem): string[] {
  return system.platform === 'linux' ? [posix.join(snapFolder, 'chromium')] : [];
}

/**
 * True for the script that Ubuntu's package `chromium-browser` puts in the browser's place: it only
 * starts the snap, or says that the snap must be installed.
 */
export function isSnapPlaceholder(path: string, system: SearchSystem): boolean {
  if (system.platform !== 'linux') return false;
  const start = system.readStart(path);
  return start.startsWith('#!') && start.includes(`${snapFolder}/chromium`);
}

const snapFolder = '/snap/bin';

const unixCommands = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const unixFolders = ['/usr/local/bin', '/usr/bin'];

const unixFiles = ['/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge'];

function unixPlaces(system: SearchSystem): string[] {
  const onPath = (system.environment.PATH ?? '')
    .split(':')
    .filter((folder) => posix.isAbsolute(folder));
  const folders = [...new Set([...onPath, ...unixFolders])].filter(
    (folder) => folder !== snapFolder,
  );
  return [
    ...unixCommands.flatMap((command) => folders.map((folder) => posix.join(folder, command))),
    ...unixFiles,
  ];
}

const macApplications = ['Google Chrome', 'Chromium', 'Microsoft Edge'];

function macPlaces(system: SearchSystem): string[] {
  return macApplications.flatMap((name) =>
    macFolders(system).map((folder) =>
      posix.join(folder, `${name}.app`, 'Contents', 'MacOS', name),
    ),
  );
}

function macFolders(system: SearchSystem): string[] {
  return ['/Applications', posix.join(system.homeDirectory, 'Applications')];
}

const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const windowsFolders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'];

function windowsPlaces(system: SearchSystem): string[] {
  const folders = windowsFolders
    .map((name) => variableOfAnyCase(system.environment, name))
    .filter((folder) => folder !== undefined);
  return windowsPrograms.flatMap((program) => folders.map((folder) => win32.join(folder, program)));
}

/** Windows itself does not tell the cases apart, and its spelling differs between versions. */
function variableOfAnyCase(
  environment: SearchSystem['environment'],
  name: string,
): string | undefined {
  const key = Object.keys(environment).find((key) => key.toUpperCase() === name.toUpperCase());
  return key === undefined ? undefined : environment[key];
}
