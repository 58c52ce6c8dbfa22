import { readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Loads every entry point both ways.
 *
 * @returns of each what it exports at run time; nothing, when it has types only
 */
export async function checkLoading({ name, folder }) {
  const entries = [];
  for (const { specifier, conditions } of entryPoints(name, folder)) {
    entries.push({ specifier, conditions, names: await loadBothWays(specifier, folder) });
  }
  if (entries.every(({ names }) => names.length === 0)) {
    throw new Error('The package exports nothing.');
  }
  return entries;
}

/** What can be imported; `conditions` say where its files are. */
function entryPoints(name, folder) {
  const manifest = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return Object.entries(JSON.parse(manifest).exports)
    .filter(([path]) => path !== './package.json')
    .map(([path, conditions]) => ({ specifier: `${name}${path.slice(1)}`, conditions }));
}

async function loadBothWays(specifier, folder) {
  const path = join(folder, 'loading.mjs');
  writeFileSync(path, program(specifier));
  const output = await runQuietly(process.execPath, [path], { cwd: folder });
  const { names, differing } = JSON.parse(output);
  if (differing.length > 0) {
    throw new Error(`Not the same from import and require: ${differing.join(', ')}.`);
  }
  return names;
}
