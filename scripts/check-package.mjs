// Checks the package as users get it: packed, installed into a project of its own, loaded both
// ways, compiled against, and its command run. The build must be there.
//
//   node scripts/check-package.mjs [folder of the package]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkCommand } from './check-package/command.mjs';
import { installConsumer } from './check-package/consumer.mjs';
import { checkContents, pack } from './check-package/contents.mjs';
import { lintPackage } from './check-package/linters.mjs';
import { checkLoading } from './check-package/loading.mjs';
import { checkTypes } from './check-package/types.mjs';

const tools = dirname(dirname(fileURLToPath(import.meta.url)));
const packageFolder = resolve(process.argv[2] ?? tools);
const workFolder = mkdtempSync(join(tmpdir(), 'check-package-'));

try {
  const packed = await step('packs', () => pack(packageFolder, workFolder));
  await step('holds what it should and nothing else', () => checkContents(packed));
  const consumer = await step('installs without running scripts', () =>
    installConsumer(packed, join(workFolder, 'consumer')),
  );
  await step('satisfies publint and attw', () => lintPackage(packed, tools));
  const entries = await step('gives the same things to import and require', () =>
    checkLoading(consumer),
  );
  await step('has types for CommonJS, ESM and bundlers', () =>
    checkTypes(consumer, entries, tools),
  );
  await step('has a command that runs', () => checkCommand(consumer));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(workFolder, { recursive: true, force: true });
}

async function step(what, check) {
  try {
    const result = await check();
    console.log(`ok: the package ${what}`);
    return result;
  } catch (error) {
    console.log(`not ok: the package ${what}`);
    throw error;
  }
}
