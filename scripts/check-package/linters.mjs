import { join } from 'node:path';
import { runQuietly } from '../run-quietly.mjs';

/** `tools` is the folder whose node_modules has the linters. */
export async function lintPackage({ tarball }, tools) {
  const modules = join(tools, 'node_modules');
  const publint = join(modules, 'publint', 'src', 'cli.js');
  await runQuietly(process.execPath, [publint, 'run', tarball, '--strict']);
  // The profile covers CommonJS and ESM under node16, and bundlers; not the long outdated node10.
  const attw = join(modules, '@arethetypeswrong', 'cli', 'dist', 'index.js');
  await runQuietly(process.execPath, [attw, tarball, '--profile', 'node16', '--no-emoji']);
}
