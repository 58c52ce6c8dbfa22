import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

// Packs, installs and compiles: a few seconds, ten times that on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const projectRoot = resolve(__dirname, '../..');

const goodPackage = {
  'package.json': JSON.stringify({
    name: 'good-package',
    version: '1.2.3',
    license: 'Apache-2.0',
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: {
      '.': {
        import: { types: './dist/index.d.mts', default: './dist/index.mjs' },
        require: { types: './dist/index.d.ts', default: './dist/index.js' },
      },
    },
    bin: { good: './dist/main.js' },
    files: ['dist'],
  }),
  'README.md': '# Good',
  LICENSE: 'Apache-2.0',
  'dist/index.js': `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Door = class Door {};
exports.open = function open() {};
`,
  'dist/index.d.ts': `export declare class Door { readonly width: number; }
export declare function open(): Door;
interface Key { teeth: number }
export type { Key };
`,
  'dist/index.mjs': "export { Door, open } from './index.js';\n",
  'dist/index.d.mts': "export { Door, open, type Key } from './index.js';\n",
  'dist/main.js': `#!/usr/bin/env node
console.log(process.argv[2] === '--version' ? '1.2.3' : 'Usage: good');
`,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the check says of the good package with these files changed. */
async function check(changes: Record<string, string> = {}) {
  for (const [path, content] of Object.entries({ ...goodPackage, ...changes })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const child = spawn(process.execPath, [join(projectRoot, 'scripts/check-package.mjs'), folder]);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { status, failedStep: /^not ok: the package (.*)$/m.exec(stdout)?.[1], stderr };
}

const manifest = (changes: object) =>
  JSON.stringify({ ...JSON.parse(goodPackage['package.json']), ...changes });

it('accepts a package that is as it should be', async () => {
  const { status, failedStep, stderr } = await check();
  expect(stderr).toBe('');
  expect(failedStep).toBeUndefined();
  expect(status).toBe(0);
});

it('accepts an ESM entry point that passes everything on', async () => {
  const passOn = "export * from './index.js';\n";
  const result = await check({ 'dist/index.mjs': passOn, 'dist/index.d.mts': passOn });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});

const withSubpath = {
  'package.json': manifest({
    exports: {
      ...JSON.parse(goodPackage['package.json']).exports,
      './sub': {
        import: { types: './dist/sub/index.d.mts', default: './dist/sub/index.mjs' },
        require: { types: './dist/sub/index.d.ts', default: './dist/sub/index.js' },
      },
    },
  }),
  'dist/sub/index.js': `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.open = function open() {};
`,
  'dist/sub/index.d.ts': 'export declare function open(): number;\nexport interface Key {}\n',
  'dist/sub/index.mjs': "export * from './index.js';\n",
  'dist/sub/index.d.mts': "export * from './index.js';\n",
};
const typesOnly = {
  'dist/sub/index.js':
    '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n',
  'dist/sub/index.d.ts': 'export interface Key {}\n',
};

it('accepts further entry points, with names of the first one, or types only', async () => {
  expect((await check(withSubpath)).stderr).toBe('');
  const result = await check({ ...withSubpath, ...typesOnly });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});

it.each([
  {
    what: 'a further entry point that import does not have',
    changes: { ...withSubpath, 'dist/sub/index.mjs': 'export {};\n' },
    failedStep: 'gives the same things to import and require',
    message: 'Not the same from import and require: open',
  },
  {
    what: 'a further entry point without a type',
    changes: { ...withSubpath, 'dist/sub/index.d.ts': 'export interface Key {}\n' },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: /has no exported member.*open/,
  },
  {
    what: 'a further entry point whose types only require has',
    changes: { ...withSubpath, 'dist/sub/index.d.mts': "export { open } from './index.js';\n" },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: 'Types not exported to both import and require: Key',
  },
  {
    what: 'a further entry point with nothing in it',
    changes: { ...withSubpath, ...typesOnly, 'dist/sub/index.d.ts': 'export {};\n' },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: 'good-package/sub exports nothing',
  },
  {
    what: 'a source file in it',
    changes: { 'dist/index.ts': 'export {};' },
    failedStep: 'holds what it should and nothing else',
    message: 'Unwanted in the package: dist/index.ts',
  },
  {
    what: 'an entry point that is not there',
    changes: { 'package.json': manifest({ main: './dist/gone.js' }) },
    failedStep: 'satisfies publint and attw',
    message: 'gone.js',
  },
  {
    what: 'types of the wrong module kind',
    changes: {
      'package.json': manifest({
        exports: {
          '.': {
            types: './dist/index.d.ts',
            import: './dist/index.mjs',
            require: './dist/index.js',
          },
        },
      }),
    },
    failedStep: 'satisfies publint and attw',
    message: /types/,
  },
  {
    what: 'a default export that is only declared',
    changes: {
      'dist/index.js': 'module.exports = class Door {};\n',
      'dist/index.d.ts': 'export default class Door {}\n',
    },
    failedStep: 'satisfies publint and attw',
    message: 'Incorrect default export',
  },
  {
    what: 'a second copy of a class for import',
    changes: {
      'dist/index.mjs': "export class Door {}\nexport { open } from './index.js';\n",
    },
    failedStep: 'gives the same things to import and require',
    message: 'Not the same from import and require: Door',
  },
  {
    what: 'an export that import does not have',
    changes: { 'dist/index.mjs': "export { Door } from './index.js';\n" },
    failedStep: 'gives the same things to import and require',
    message: 'Not the same from import and require: open',
  },
  {
    what: 'a type that import does not have',
    changes: { 'dist/index.d.mts': "export { Door, open } from './index.js';\n" },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: 'Types not exported to both import and require: Key',
  },
  {
    what: 'an export without a type',
    changes: { 'dist/index.d.mts': "export { Door, type Key } from './index.js';\n" },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: /has no exported member.*open/,
  },
  {
    what: 'types that need a package users do not get',
    changes: {
      'dist/index.d.ts': `import type { WebSocket } from 'ws';\nexport declare const socket: WebSocket;\n${goodPackage['dist/index.d.ts']}`,
    },
    failedStep: 'has types for CommonJS, ESM and bundlers',
    message: "Cannot find module 'ws'",
  },
  {
    what: 'a command that says another version',
    changes: {
      'dist/main.js': `#!/usr/bin/env node\nconsole.log('0.0.1');\n`,
    },
    failedStep: 'has a command that runs',
    message: '"good --version" says "0.0.1", but the version is 1.2.3',
  },
])('refuses $what', async ({ changes, failedStep, message }) => {
  const result = await check(changes);
  expect(result.failedStep).toBe(failedStep);
  expect(result.stderr).toMatch(message);
  expect(result.status).toBe(1);
});

it('refuses a dependency that runs a script when it is installed', async () => {
  const compiling = JSON.stringify({
    name: 'compiling',
    version: '1.0.0',
    scripts: { install: 'node-gyp rebuild' },
  });
  writeFileSync(join(folder, 'compiling.json'), compiling);
  const tarball = packDependency(compiling);
  const result = await check({
    'package.json': manifest({ dependencies: { compiling: `file:${tarball}` } }),
  });
  expect(result.failedStep).toBe('installs without running scripts');
  expect(result.stderr).toContain('node_modules/compiling');
});

function packDependency(packageJson: string): string {
  const source = join(folder, 'compiling');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), packageJson);
  const { stdout } = spawnSync('npm', ['pack', '--silent'], { cwd: source, encoding: 'utf8' });
  return join(source, stdout.trim());
}
