import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const projectRoot = resolve(__dirname, '../..');

/** From top to bottom: each may import from those after it. */
const layers = [
  'cli',
  'server',
  'fleet',
  'client',
  'auth',
  'stores',
  'whatsapp',
  'browser',
  'snapshot',
  'profile',
  'objects',
  'system',
];
const withoutPuppeteer = ['snapshot', 'profile', 'objects', 'system'];

interface BiomeReport {
  diagnostics: { category: string; severity: string; location: { path: string } }[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layering-'));
  for (const name of ['biome.json', 'package.json']) {
    cpSync(join(projectRoot, name), join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Which of these files break the rule, under the project's own configuration. */
function filesRefusedBy(rule: string, files: Record<string, string>): string[] {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(projectRoot, 'node_modules/@biomejs/biome/bin/biome'),
      'lint',
      '--vcs-enabled=false',
      '--max-diagnostics=none',
      '--reporter=json',
      '.',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const { diagnostics }: BiomeReport = JSON.parse(stdout);
  const refused = diagnostics
    .filter(({ category, severity }) => category === rule && severity === 'error')
    .map(({ location }) => location.path);
  return [...new Set(refused)].sort();
}

const refusedImports = (files: Record<string, string>) =>
  filesRefusedBy('lint/style/noRestrictedImports', files);

describe('the layering rule', () => {
  it('refuses every import of a layer from one below it, and no other', () => {
    const files: Record<string, string> = {};
    const wrong: string[] = [];
    for (const [height, from] of layers.entries()) {
      for (const to of layers) {
        if (to === from) continue;
        const path = `src/${from}/uses-${to}.ts`;
        files[path] = `export { it } from '../${to}/it.js';\n`;
        if (layers.indexOf(to) < height) wrong.push(path);
      }
    }
    expect(refusedImports(files)).toEqual(wrong.sort());
  });

  it.each([
    ['in a nested folder', 'src/profile/leveldb/a.ts', "import '../../auth/local-auth.js';"],
    ['of a nested file', 'src/profile/a.ts', "import '../whatsapp/page/a.js';"],
    ['of types only', 'src/auth/a.ts', "import type { Client } from '../client/client.js';"],
    ['at run time', 'src/auth/a.ts', "await import('../client/client.js');"],
    ['of the whole library', 'src/auth/a.ts', "export { Client } from '../index.js';"],
    ['of the whole engine', 'src/objects/a.ts', "export type { Cell } from '../engine.js';"],
    ['in errors.ts', 'src/errors.ts', "import './system/warn.js';"],
    ['of the command by the library', 'src/index.ts', "export * from './cli/main.js';"],
    ['of the server by the engine', 'src/engine.ts', "export * from './server/a.js';"],
  ])('refuses an upward import %s', (_where, path, content) => {
    expect(refusedImports({ [path]: content })).toEqual([path]);
  });

  it('permits errors.ts everywhere, the own folder, and names that only look like a layer', () => {
    expect(
      refusedImports({
        'src/profile/leveldb/a.ts': "import '../../errors.js'; import '../b.js'; import './c.js';",
        'src/system/a.ts': "import '../errors.js'; import './client/b.js';",
        'src/auth/a.ts': "import 'some-package/client/index.js'; import '../auth/client.js';",
        'src/index.ts': "export * from './client/client.js';",
        'src/engine.ts': "export * from './snapshot/a.js';",
        'test/auth/a.test.ts': "import '../../src/client/client.js';",
      }),
    ).toEqual([]);
  });

  it('lets only the command use the stand-in, and the stand-in nothing but itself', () => {
    const users = [...layers, 'index'].map((name) =>
      name === 'index'
        ? ['src/index.ts', "export * from './standin/server.js';"]
        : [`src/${name}/a.ts`, "import '../standin/server.js';"],
    );
    const uses = layers.map((name) => [
      `src/standin/uses-${name}.ts`,
      `import '../${name}/a.js'; import './page/b.js';`,
    ]);
    const nested = ['src/standin/page/b.ts', "import '../wire.js'; import '../../errors.js';"];
    const nestedWrong = ['src/standin/page/c.ts', "import '../../whatsapp/states.js';"];
    expect(refusedImports(Object.fromEntries([...users, ...uses, nested, nestedWrong]))).toEqual(
      [...users, ...uses, nestedWrong]
        .map(([path]) => path)
        .filter((path) => path !== 'src/cli/a.ts')
        .sort(),
    );
  });

  it('lets only tests use the suites, and the suites only the contracts', () => {
    const users = [...layers.map((layer) => `${layer}/a`), 'index', 'engine', 'errors'].map(
      (name) => {
        const above = name.includes('/') ? '../' : './';
        return [`src/${name}.ts`, `export * from '${above}testing/index.js';`];
      },
    );
    const standIn = ['src/standin/a.ts', "import '../testing/index.js';"];
    const uses = [...layers, 'standin'].map((name) => [
      `src/testing/uses-${name}.ts`,
      `import '../${name}/a.js';`,
    ]);
    const library = ['src/testing/uses-library.ts', "import '../index.js';"];
    const wrong = [...users, standIn, ...uses, library];
    const right = [
      'src/testing/right.ts',
      "import '../errors.js'; import '../objects/object-store.js'; import './a.js';\n" +
        "import type { Store } from '../stores/store.js';",
    ];
    const user = ['test/objects/a.test.ts', "import '../../src/testing/index.js';"];
    expect(refusedImports(Object.fromEntries([...wrong, right, user]))).toEqual(
      wrong.map(([path]) => path).sort(),
    );
  });

  it.each([
    ['the package', "import puppeteer from 'puppeteer-core';"],
    ['its types', "import type { Page } from 'puppeteer-core';"],
    ['a file of it', "import 'puppeteer-core/internal/util/util.js';"],
  ])('refuses %s of Puppeteer in the engine', (_what, content) => {
    const files = Object.fromEntries(layers.map((layer) => [`src/${layer}/a.ts`, content]));
    expect(refusedImports(files)).toEqual(
      withoutPuppeteer.map((layer) => `src/${layer}/a.ts`).sort(),
    );
  });
});

describe('the linter', () => {
  it('refuses a promise that nobody waits for, also one from another file', () => {
    const files = {
      'src/system/wait.ts': 'export async function wait(): Promise<void> {}\n',
      'src/client/floating.ts': "import { wait } from '../system/wait.js';\nwait();\n",
      'src/client/awaited.ts': "import { wait } from '../system/wait.js';\nawait wait();\n",
      'src/client/method.ts':
        'class Door { async open(): Promise<void> {} }\nconst door = new Door();\ndoor.open();\n',
    };
    expect(filesRefusedBy('lint/nursery/noFloatingPromises', files)).toEqual([
      'src/client/floating.ts',
      'src/client/method.ts',
    ]);
  });

  it('refuses a development package in what users get', () => {
    const files = {
      'src/client/a.ts': "import { Client } from 'whatsapp-web.js';\n",
      'src/client/b.ts': "import puppeteer from 'puppeteer-core';\n",
      'test/client/a.test.ts': "import { Client } from 'whatsapp-web.js';\n",
    };
    expect(filesRefusedBy('lint/correctness/noUndeclaredDependencies', files)).toEqual([
      'src/client/a.ts',
    ]);
  });
});
