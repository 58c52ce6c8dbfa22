import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FixtureProject, projectRoot, textOf } from './fixture-project.js';

let project: FixtureProject;
beforeEach(() => {
  project = new FixtureProject();
});
afterEach(() => project.dispose());

function isRootOnDebian(): boolean {
  const release = '/etc/os-release';
  return (
    process.getuid?.() === 0 &&
    existsSync(release) &&
    readFileSync(release, 'utf8').includes('\nID=debian\n')
  );
}

const posixOnly = it.skipIf(process.platform === 'win32');

describe('start', () => {
  it('installs and builds on a fresh clone, then runs the program with its arguments', async () => {
    const { code, stdout, stderr } = await project.run(['start', '--session', 'a b']);
    expect(JSON.parse(stdout)).toEqual({
      program: 'holdfast',
      arguments: ['run', '--session', 'a b'],
    });
    expect(project.npmCalls()).toEqual(['ci', 'run']);
    expect(stderr).toMatch(/^Installing packages .*\nBuilding .*\n$/);
    expect(code).toBe(0);
  });

  it('runs nothing else and says nothing the second time', async () => {
    await project.run(['start']);
    project.npmCalls();
    const { stdout, stderr } = await project.run(['start']);
    expect(project.npmCalls()).toEqual([]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ program: 'holdfast' });
  });

  posixOnly('gives one Ctrl-C to the program once, and its exit code back', async () => {
    const child = project.start(['start', '--stay']);
    const stdout = textOf(child.stdout);
    await vi.waitFor(() => expect(stdout()).toContain('ready'), 45_000);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(stdout()).toContain('{"signals":["SIGINT"]}');
  });

  posixOnly('ends the program properly when npm ends the shell between them', async () => {
    const shell = project.start(['start', '--stay'], {
      inShell: true,
      env: { npm_lifecycle_event: 'start' },
    });
    const stdout = textOf(shell.stdout);
    await vi.waitFor(() => expect(stdout()).toContain('ready'), 45_000);
    shell.kill('SIGTERM');
    // The output closes when the last process that has it, the program, is gone.
    await once(shell, 'close');
    expect(stdout()).toContain('{"signals":["SIGTERM"]}');
  });
});

describe('test', () => {
  it('runs all tests, or those named, with the line that counts them', async () => {
    const { stdout } = await project.run(['test', 'test/browser']);
    const started = JSON.parse(stdout);
    expect(started.program).toBe('vitest');
    expect(started.arguments).toEqual([
      'run',
      '--reporter=default',
      expect.stringMatching(/^--reporter=.*test-count-reporter\.mjs$/),
      'test/browser',
    ]);
  });
});

describe('prepare', () => {
  beforeEach(async () => {
    await project.run(['prepare']);
    project.npmCalls();
  });

  it('builds again when a source has changed, was added or was removed', async () => {
    project.write('src/index.js', '// changed');
    await project.run(['prepare']);
    expect(project.npmCalls()).toEqual(['run']);
    expect(readFileSync(join(project.root, 'dist/index.js'), 'utf8')).toBe('// changed');

    project.write('src/added.js', '');
    await project.run(['prepare']);
    expect(project.npmCalls()).toEqual(['run']);

    project.remove('src/added.js');
    await project.run(['prepare']);
    expect(project.npmCalls()).toEqual(['run']);
    expect(project.has('dist/added.js')).toBe(false);
  });

  it('builds again when the build was deleted', async () => {
    project.remove('dist');
    await project.run(['prepare']);
    expect(project.npmCalls()).toEqual(['run']);
  });

  it('takes a build without sources as it is', async () => {
    project.remove('src');
    expect(await project.run(['prepare'])).toMatchObject({ code: 0, stderr: '' });
    expect(project.npmCalls()).toEqual([]);
  });

  it('installs and builds again when the lock file has changed', async () => {
    project.lockVersion('4.0.1');
    await project.run(['prepare']);
    expect(project.npmCalls()).toEqual(['ci', 'run']);
  });

  it('installs again when the packages are those of another system', async () => {
    const foreign = process.platform === 'win32' ? 'linux' : 'win32';
    project.write(
      'node_modules/.package-lock.json',
      JSON.stringify({
        packages: {
          'node_modules/vitest': { version: '4.0.0', integrity: 'sha512-4.0.0' },
          'node_modules/native': { version: '1.0.0', optional: true, os: [foreign] },
        },
      }),
    );
    await project.run(['prepare']);
    expect(project.npmCalls()).toContain('ci');
  });

  it('shows the output of a build that fails, exits with 1, and tries again next time', async () => {
    project.write('src/broken', '');
    for (const _attempt of [1, 2]) {
      const { code, stderr } = await project.run(['prepare']);
      expect(stderr).toContain('src/broken does not compile');
      expect(stderr).toMatch(/run build" failed with exit code 2/);
      expect(code).toBe(1);
      expect(project.npmCalls()).toEqual(['run']);
    }
    project.remove('src/broken');
    expect(await project.run(['prepare'])).toMatchObject({ code: 0 });
  });

  it('does each step once when two run at the same time', async () => {
    project.remove('node_modules');
    project.remove('dist');
    const both = await Promise.all([project.run(['prepare']), project.run(['prepare'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(project.npmCalls()).toEqual(['ci', 'run']);
  });

  it('goes on after another one was killed in the middle', async () => {
    project.remove('dist');
    project.write('.holdfast/bootstrap.lock', 'left behind');
    const { code, stderr } = await project.run(['prepare']);
    expect(stderr).toContain('Waiting for another bootstrap');
    expect(code).toBe(0);
    expect(project.has('.holdfast/bootstrap.lock')).toBe(false);
  });

  posixOnly('ends npm and leaves no lock when it is interrupted', async () => {
    project.remove('node_modules');
    project.write('npm-hangs', '');
    const child = project.start(['prepare']);
    await vi.waitFor(() => expect(project.read('npm.log')).toBe('ci\n'), 45_000);
    child.kill('SIGINT');
    // npm has our output open too: this waits for both.
    expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
    expect(project.has('.holdfast/bootstrap.lock')).toBe(false);
  });
});

describe('a browser', () => {
  beforeEach(() => project.write('no-browser', ''));

  it("that was named and is missing ends it with the library's error", async () => {
    const withoutAptGet = { PATH: project.root };
    const env = { PUPPETEER_EXECUTABLE_PATH: '/opt/gone/chrome', ...withoutAptGet };
    const { code, stdout, stderr } = await project.run(['start'], env);
    expect(stderr).toMatch(/No browser: install one\.\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it.runIf(isRootOnDebian())(
    'is installed as root on Debian, with fresh lists if needed',
    async () => {
      const log = join(project.root, 'apt.log');
      project.write(
        'fake-apt/apt-get',
        `#!/bin/sh
echo "$@" >> ${log}
case "$(grep -c . ${log}) $1" in
  "1 install") exit 100 ;;
  "3 install") rm ${join(project.root, 'no-browser')} ;;
esac
`,
      );
      chmodSync(join(project.root, 'fake-apt/apt-get'), 0o755);
      const { code, stdout } = await project.run(['start'], {
        PATH: `${join(project.root, 'fake-apt')}:${process.env.PATH}`,
        PUPPETEER_EXECUTABLE_PATH: undefined,
      });
      expect(code).toBe(0);
      expect(stdout).toContain('"program":"holdfast"');
      const calls = readFileSync(log, 'utf8').trim().split('\n');
      expect(calls.map((call) => call.split(' ', 1)[0])).toEqual(['install', 'update', 'install']);
      expect(calls[0]).toMatch(/--no-install-recommends .*\bchromium\b/);
    },
  );
});

describe('before anything else', () => {
  it('a Node.js that is too old is named, with the version that is needed', async () => {
    const manifest = JSON.parse(readFileSync(join(project.root, 'package.json'), 'utf8'));
    project.write('package.json', JSON.stringify({ ...manifest, engines: { node: '>=99.5' } }));
    const { code, stderr } = await project.run(['start']);
    expect(stderr).toContain(`Node.js ${process.versions.node} is too old: 99.5 or newer`);
    expect(code).toBe(1);
    expect(project.npmCalls()).toEqual([]);
  });

  it('an unknown command is refused', async () => {
    expect(await project.run(['deploy'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Unknown command "deploy"'),
    });
  });

  it('what npm itself has installed here counts as installed', async () => {
    const packages = pathToFileURL(join(projectRoot, 'scripts/bootstrap/packages.mjs')).href;
    const { packagesOutdated } = await import(packages);
    expect(packagesOutdated(projectRoot)).toBe(false);
  });
});
