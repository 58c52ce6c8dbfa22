import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runNpm } from '../run-quietly.mjs';

/** True when there is no build, or it was made of other sources by other packages. */
export function buildOutdated(root) {
  if (!isBuilt(root)) return true;
  if (!existsSync(join(root, 'src'))) return false;
  return readRecord(root) !== hashOfInputs(root);
}

export async function build(root) {
  console.error('Building …');
  const hash = hashOfInputs(root);
  // Without its record a build that is interrupted, or fails half-way, counts as none.
  rmSync(recordPath(root), { force: true });
  await runNpm(root, ['run', 'build']);
  mkdirSync(dirname(recordPath(root)), { recursive: true });
  writeFileSync(recordPath(root), hash);
}

function isBuilt(root) {
  const { main, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return [main, ...Object.values(bin)].every((path) => existsSync(join(root, path)));
}

/** Not in `dist`, all of which is published. */
function recordPath(root) {
  return join(root, 'node_modules', '.cache', 'holdfast', 'build-inputs');
}

function readRecord(root) {
  try {
    return readFileSync(recordPath(root), 'utf8');
  } catch {
    return undefined;
  }
}

function hashOfInputs(root) {
  const hash = createHash('sha256').update(root);
  for (const path of ['package-lock.json', 'tsconfig.json', ...filesBelow(root, 'src')]) {
    const content = readFileSync(join(root, path));
    hash.update(`\n${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
