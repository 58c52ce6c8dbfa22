import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../../src/browser/find-browser.js';
import { type SearchSystem, thisSystem } from '../../src/browser/search-system.js';

const placeholder = `#!/bin/sh
if ! [ -x /snap/bin/chromium ]; then
  echo "the chromium snap is not installed" >&2
  exit 1
fi
exec /snap/bin/chromium "$@"
`;

/** A machine that has exactly these programs; a program is its path and the start of its file. */
function machine(
  platform: NodeJS.Platform,
  programs: Record<string, string> | string[],
  rest: Partial<SearchSystem> = {},
): SearchSystem {
  const files = Array.isArray(programs)
    ? Object.fromEntries(programs.map((path) => [path, '\x7fELF']))
    : programs;
  const separator = platform === 'win32' ? '\\' : '/';
  return {
    platform,
    architecture: 'x64',
    environment: {},
    homeDirectory: platform === 'win32' ? 'C:\\Users\\ann' : '/home/ann',
    isExecutable: (path) => path in files,
    readStart: (path) => files[path] ?? '',
    namesIn: (folder) => [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.startsWith(folder + separator))
          .map((path) => path.slice(folder.length + 1).split(separator, 1)[0] ?? ''),
      ),
    ],
    ...rest,
  };
}

const find = (system: SearchSystem) => findBrowser({}, system);

const notFound = (message: RegExp) =>
  expect.objectContaining({
    code: 'BROWSER_NOT_FOUND',
    message: expect.stringMatching(message),
  });

describe('a browser that is named', () => {
  const installed = ['/usr/bin/google-chrome', '/opt/mine/chrome', '/opt/other/chrome'];

  it('is taken from the option before the environment', () => {
    const system = machine('linux', installed, {
      environment: { PUPPETEER_EXECUTABLE_PATH: '/opt/other/chrome' },
    });
    expect(findBrowser({ executablePath: '/opt/mine/chrome' }, system)).toEqual({
      executablePath: '/opt/mine/chrome',
      source: 'option',
    });
  });

  it.each([['PUPPETEER_EXECUTABLE_PATH'], ['CHROME_PATH'], ['CHROME_BIN']])(
    'is taken from %s before an installed one',
    (variable) => {
      const system = machine('linux', installed, {
        environment: { [variable]: '/opt/mine/chrome' },
      });
      expect(find(system)).toEqual({ executablePath: '/opt/mine/chrome', source: 'environment' });
    },
  );

  it('is taken from PUPPETEER_EXECUTABLE_PATH before CHROME_PATH before CHROME_BIN', () => {
    const system = (environment: SearchSystem['environment']) =>
      machine('linux', ['/1', '/2', '/3'], { environment });
    expect(
      find(system({ CHROME_BIN: '/3', CHROME_PATH: '/2', PUPPETEER_EXECUTABLE_PATH: '/1' })),
    ).toMatchObject({ executablePath: '/1' });
    expect(find(system({ CHROME_BIN: '/3', CHROME_PATH: '/2' }))).toMatchObject({
      executablePath: '/2',
    });
  });

  it('is not taken from an empty variable', () => {
    const system = machine('linux', installed, { environment: { PUPPETEER_EXECUTABLE_PATH: '' } });
    expect(find(system)).toEqual({ executablePath: '/usr/bin/google-chrome', source: 'installed' });
  });

  it('is refused, naming path and option, when it is not there, although another is installed', () => {
    expect(() =>
      findBrowser({ executablePath: '/opt/gone/chrome' }, machine('linux', installed)),
    ).toThrow(notFound(/option executablePath .*"\/opt\/gone\/chrome"/));
  });

  it('is refused, naming path and variable, when it is not there, although another is installed', () => {
    const environment = { CHROME_PATH: '/opt/gone/chrome', CHROME_BIN: '/opt/mine/chrome' };
    expect(() => find(machine('linux', installed, { environment }))).toThrow(
      notFound(/CHROME_PATH .*"\/opt\/gone\/chrome"/),
    );
  });

  it('is refused when it is only the placeholder for a snap', () => {
    const system = machine('linux', { '/usr/bin/chromium-browser': placeholder });
    expect(() => findBrowser({ executablePath: '/usr/bin/chromium-browser' }, system)).toThrow(
      notFound(/placeholder for Chromium's snap/),
    );
  });
});

describe('on Linux', () => {
  it('Chrome is taken before Chromium before Edge', () => {
    const all = ['/usr/bin/google-chrome-stable', '/usr/bin/chromium', '/usr/bin/microsoft-edge'];
    expect(find(machine('linux', all)).executablePath).toBe(all[0]);
    expect(find(machine('linux', all.slice(1))).executablePath).toBe(all[1]);
    expect(find(machine('linux', all.slice(2))).executablePath).toBe(all[2]);
  });

  it('a browser on PATH is found', () => {
    const system = machine('linux', ['/nix/bin/chromium'], {
      environment: { PATH: '/bin:/nix/bin' },
    });
    expect(find(system)).toEqual({ executablePath: '/nix/bin/chromium', source: 'installed' });
  });

  it('a PATH entry relative to the current folder is not searched', () => {
    const system = machine('linux', ['chromium', 'bin/chromium'], {
      environment: { PATH: ':bin:.' },
    });
    expect(() => find(system)).toThrow(notFound(/./));
  });

  it('the usual folders are searched although PATH is missing', () => {
    expect(find(machine('linux', ['/usr/bin/chromium'])).executablePath).toBe('/usr/bin/chromium');
    expect(find(machine('linux', ['/opt/google/chrome/chrome'])).executablePath).toBe(
      '/opt/google/chrome/chrome',
    );
  });

  it("Ubuntu's placeholder for the snap is passed over", () => {
    const stubOnly = machine('linux', { '/usr/bin/chromium-browser': placeholder });
    expect(() => find(stubOnly)).toThrow(notFound(/only a placeholder for a snap/));

    const stubAndEdge = machine('linux', {
      '/usr/bin/chromium-browser': placeholder,
      '/usr/bin/microsoft-edge': '\x7fELF',
    });
    expect(find(stubAndEdge).executablePath).toBe('/usr/bin/microsoft-edge');
  });

  it("Debian's chromium, a script as well, is not mistaken for the placeholder", () => {
    const system = machine('linux', { '/usr/bin/chromium': '#!/bin/sh\n# Chromium launcher\n' });
    expect(find(system).executablePath).toBe('/usr/bin/chromium');
  });

  it("the snap comes last, after Puppeteer's cache", () => {
    const cached = '/home/ann/.cache/puppeteer/chrome/linux-131.0.1.2/chrome-linux64/chrome';
    const environment = { PATH: '/snap/bin:/usr/bin' };
    expect(find(machine('linux', ['/snap/bin/chromium', cached], { environment }))).toEqual({
      executablePath: cached,
      source: 'puppeteer-cache',
    });
    expect(find(machine('linux', ['/snap/bin/chromium'], { environment }))).toEqual({
      executablePath: '/snap/bin/chromium',
      source: 'installed',
    });
  });

  it('the error says what was looked for and what to do', () => {
    expect(() => find(machine('linux', []))).toThrow(notFound(/google-chrome-stable/));
    expect(() => find(machine('linux', []))).toThrow(notFound(/\/home\/ann\/\.cache\/puppeteer/));
    expect(() => find(machine('linux', []))).toThrow(notFound(/apt-get install chromium/));
    expect(() => find(machine('linux', []))).toThrow(notFound(/PUPPETEER_EXECUTABLE_PATH/));
  });
});

describe('on macOS', () => {
  const chrome = 'Google Chrome.app/Contents/MacOS/Google Chrome';
  const edge = 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge';

  it('applications of the system and of the user are found, Chrome first', () => {
    const both = [`/Applications/${edge}`, `/home/ann/Applications/${chrome}`];
    expect(find(machine('darwin', both)).executablePath).toBe(both[1]);
    expect(find(machine('darwin', both.slice(0, 1))).executablePath).toBe(both[0]);
  });

  it("Puppeteer's cache is searched, for the other architecture only where it can run", () => {
    const program = 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing';
    const intel = `/home/ann/.cache/puppeteer/chrome/mac-131.0.1.2/chrome-mac-x64/${program}`;
    const arm = `/home/ann/.cache/puppeteer/chrome/mac_arm-131.0.1.2/chrome-mac-arm64/${program}`;
    const onArm = { architecture: 'arm64' };
    expect(find(machine('darwin', [intel, arm], onArm)).executablePath).toBe(arm);
    expect(find(machine('darwin', [intel], onArm)).executablePath).toBe(intel);
    expect(() => find(machine('darwin', [arm]))).toThrow(notFound(/./));
  });

  it('the error says where to get a browser', () => {
    expect(() => find(machine('darwin', []))).toThrow(
      notFound(/https:\/\/www\.google\.com\/chrome/),
    );
  });
});

describe('on Windows', () => {
  const environment = {
    ProgramFiles: 'C:\\Program Files',
    'ProgramFiles(x86)': 'C:\\Program Files (x86)',
    LocalAppData: 'C:\\Users\\ann\\AppData\\Local',
  };
  const perUserChrome = 'C:\\Users\\ann\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe';
  const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';

  it('programs of the machine and of the user are found, Chrome first', () => {
    expect(find(machine('win32', [edge, perUserChrome], { environment })).executablePath).toBe(
      perUserChrome,
    );
    expect(find(machine('win32', [edge], { environment })).executablePath).toBe(edge);
  });

  it("Puppeteer's cache is searched", () => {
    const cached =
      'C:\\Users\\ann\\.cache\\puppeteer\\chrome\\win64-131.0.1.2\\chrome-win64\\chrome.exe';
    expect(find(machine('win32', [cached], { environment }))).toEqual({
      executablePath: cached,
      source: 'puppeteer-cache',
    });
  });

  it('the error names the folders that were searched', () => {
    expect(() => find(machine('win32', [], { environment }))).toThrow(
      notFound(/ProgramFiles, ProgramFiles\(x86\), LOCALAPPDATA/),
    );
  });
});

describe("in Puppeteer's cache", () => {
  const cache = '/var/cache/pp';
  const chrome = (build: string) => `${cache}/chrome/linux-${build}/chrome-linux64/chrome`;
  const withCache = (programs: string[], rest: Partial<SearchSystem> = {}) =>
    machine('linux', programs, { environment: { PUPPETEER_CACHE_DIR: cache }, ...rest });

  it('the newest build is taken, compared by number', () => {
    const builds = ['99.0.4844.51', '131.0.6778.9', '131.0.6778.85', '13.0.0.0'].map(chrome);
    expect(find(withCache(builds)).executablePath).toBe(chrome('131.0.6778.85'));
  });

  it('a download that is not complete is passed over', () => {
    const incomplete = `${cache}/chrome/linux-140.0.0.0/chrome-linux64/locales/en.pak`;
    expect(find(withCache([incomplete, chrome('131.0.0.0')])).executablePath).toBe(
      chrome('131.0.0.0'),
    );
  });

  it('Chromium is taken when there is no Chrome', () => {
    const chromium = `${cache}/chromium/linux-1393000/chrome-linux/chrome`;
    expect(find(withCache([chromium])).executablePath).toBe(chromium);
  });

  it('a browser for another system or processor is passed over', () => {
    const foreign = `${cache}/chrome/win64-140.0.0.0/chrome-linux64/chrome`;
    expect(() => find(withCache([foreign]))).toThrow(notFound(/./));
    expect(() => find(withCache([chrome('131.0.0.0')], { architecture: 'arm64' }))).toThrow(
      notFound(/./),
    );
  });
});

describe('on the disk of this machine', () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  function freshFolder(): string {
    folder = mkdtempSync(join(tmpdir(), 'find-browser-'));
    return folder;
  }

  it.skipIf(process.platform === 'win32')(
    'folders and files that may not be run are passed over, a placeholder is read',
    () => {
      const root = freshFolder();
      const folders = ['folder', 'plain', 'stub', 'good'].map((name) => join(root, name));
      const [inFolder, plain, stub, good] = folders.map((name) => join(name, 'chromium')) as [
        string,
        string,
        string,
        string,
      ];
      for (const name of folders) mkdirSync(name);
      mkdirSync(inFolder);
      writeFileSync(plain, '', { mode: 0o644 });
      writeFileSync(stub, placeholder);
      writeFileSync(good, '#!/bin/sh\nexec /opt/chromium/chromium "$@"\n');
      for (const script of [stub, good]) chmodSync(script, 0o755);

      const system = {
        ...thisSystem(),
        platform: 'linux' as const,
        environment: { PATH: folders.join(delimiter) },
        isExecutable: (path: string) => path.startsWith(root) && thisSystem().isExecutable(path),
      };
      expect(find(system).executablePath).toBe(good);
    },
  );

  it.skipIf(process.platform === 'win32')("Puppeteer's cache is listed", () => {
    const cache = freshFolder();
    const programFolder = join(cache, 'chrome', 'linux-131.0.6778.85', 'chrome-linux64');
    mkdirSync(programFolder, { recursive: true });
    writeFileSync(join(programFolder, 'chrome'), '', { mode: 0o755 });
    const system = {
      ...thisSystem(),
      platform: 'linux' as const,
      architecture: 'x64',
      environment: { PUPPETEER_CACHE_DIR: cache, PATH: '' },
      isExecutable: (path: string) => path.startsWith(cache) && thisSystem().isExecutable(path),
    };
    expect(find(system).source).toBe('puppeteer-cache');
  });
});
