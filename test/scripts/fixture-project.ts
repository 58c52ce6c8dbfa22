import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const projectRoot = resolve(__dirname, '../..');

// What these programs do without end ends after 30 seconds, so that a failing test leaves nothing.

/** What `npm` is in a fixture project: it notes how it was called and acts like npm, at once. */
const fakeNpm = `
const { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const [command] = process.argv.slice(2);
appendFileSync('npm.log', command + '\\n');
if (existsSync('npm-hangs')) {
  setTimeout(() => {}, 30000);
} else if (command === 'ci') {
  rmSync('node_modules', { recursive: true, force: true });
  cpSync('vendor', 'node_modules', { recursive: true });
  cpSync('package-lock.json', 'node_modules/.package-lock.json');
} else if (existsSync('src/broken')) {
  console.log('src/broken does not compile');
  process.exitCode = 2;
} else {
  rmSync('dist', { recursive: true, force: true });
  cpSync('src', 'dist', { recursive: true });
}
`;

/** Says how it was started and which signals it got; ends a moment after the first, with code 7. */
const fakeProgram = (name: string) => `
console.log(JSON.stringify({ program: '${name}', arguments: process.argv.slice(2) }));
if (process.argv.includes('--stay')) {
  const signals = [];
  const stay = setTimeout(() => {}, 30000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      signals.push(signal);
      setTimeout(() => {
        console.log(JSON.stringify({ signals }));
        clearTimeout(stay);
        process.exitCode = 7;
      }, 300);
    });
  }
  console.log('ready');
}
`;

/** A browser is there unless the file no-browser says otherwise. */
const fakeFinder = `
const { existsSync } = require('node:fs');
const { join } = require('node:path');
exports.browserVariables = ['PUPPETEER_EXECUTABLE_PATH'];
exports.findBrowser = () => {
  if (!existsSync(join(__dirname, '../../no-browser'))) return {};
  throw Object.assign(new Error('No browser: install one.'), { code: 'BROWSER_NOT_FOUND' });
};
`;

const packageJson = {
  name: 'fixture',
  version: '1.0.0',
  engines: { node: '>=20.19' },
  main: './dist/index.js',
  bin: { holdfast: './dist/cli/main.js' },
};

const lockOf = (version: string) => ({
  lockfileVersion: 3,
  packages: { '': packageJson, 'node_modules/vitest': { version, integrity: `sha512-${version}` } },
});

/** A fresh clone with the project's own `scripts/`, and everything else as small as can be. */
export class FixtureProject {
  readonly root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  readonly #running = new Set<ChildProcess>();

  constructor() {
    cpSync(join(projectRoot, 'scripts'), join(this.root, 'scripts'), { recursive: true });
    this.write('fake-npm/npm-cli.js', fakeNpm);
    this.write('package.json', JSON.stringify(packageJson));
    this.lockVersion('4.0.0');
    this.write('tsconfig.json', '{}');
    this.write('src/index.js', '');
    this.write('src/cli/main.js', fakeProgram('holdfast'));
    this.write('src/browser/find-browser.js', fakeFinder);
    this.write('vendor/vitest/package.json', JSON.stringify({ bin: { vitest: './vitest.mjs' } }));
    this.write('vendor/vitest/vitest.mjs', fakeProgram('vitest'));
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  lockVersion(version: string): void {
    this.write('package-lock.json', JSON.stringify(lockOf(version)));
  }

  /** How npm was called since the last time this was asked. */
  npmCalls(): string[] {
    const path = join(this.root, 'npm.log');
    const calls = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    rmSync(path, { force: true });
    return calls;
  }

  start(
    bootstrapArguments: string[],
    { env = {}, inShell = false }: { env?: NodeJS.ProcessEnv; inShell?: boolean } = {},
  ): ChildProcess {
    const command = [process.execPath, join(this.root, 'scripts/bootstrap.mjs')].concat(
      bootstrapArguments,
    );
    // The second command keeps the shell from becoming the first one.
    const line = inShell ? ['sh', '-c', `"${command.join('" "')}"; true`] : command;
    const child = spawn(line[0] ?? '', line.slice(1), {
      cwd: this.root,
      env: {
        ...process.env,
        npm_lifecycle_event: undefined,
        npm_execpath: join(this.root, 'fake-npm/npm-cli.js'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return child;
  }

  async run(
    bootstrapArguments: string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = this.start(bootstrapArguments, { env });
    const stdout = textOf(child.stdout);
    const stderr = textOf(child.stderr);
    const [code] = await once(child, 'close');
    return { code, stdout: stdout(), stderr: stderr() };
  }

  async dispose(): Promise<void> {
    await Promise.all(
      [...this.#running].map((child) => {
        child.kill('SIGKILL');
        return once(child, 'close');
      }),
    );
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Collects what a stream says; the function returned gives it so far. */
export function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return () => text;
}
