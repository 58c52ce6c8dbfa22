import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../run-quietly.mjs';

const program = (name) => `
import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('${name}');
const imported = await import('${name}');

const ownOfModules = ['default', 'module.exports', '__esModule'];
const namesOf = (module) => Object.keys(module).filter((name) => !ownOfModules.includes(name)).sort();
const names = [...new Set([...namesOf(required), ...namesOf(imported)])];
const differing = names.filter(
  (name) => !(name in required) || !(name in imported) || required[name] !== imported[name],
);
console.log(JSON.stringify({ names, differing }));
`;

/** Gives the names of everything the package exports at run time. */
export async function checkLoading({ name, folder }) {
  const path = join(folder, 'loading.mjs');
  writeFileSync(path, program(name));
  const output = await runQuietly(process.execPath, [path], { cwd: folder });
  const { names, differing } = JSON.parse(output);
  if (names.length === 0) throw new Error('The package exports nothing.');
  if (differing.length > 0) {
    throw new Error(`Not the same from import and require: ${differing.join(', ')}.`);
  }
  return names;
}
