import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../run-quietly.mjs';

export async function checkCommand({ name, version, folder }) {
  const installed = join(folder, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const [command, path] of Object.entries(bin)) {
    if (!readFileSync(join(installed, path), 'utf8').startsWith('#!/usr/bin/env node\n')) {
      throw new Error(`${path} does not start with "#!/usr/bin/env node".`);
    }
    const said = (await run(folder, command, '--version')).trim();
    if (said !== version) {
      throw new Error(`"${command} --version" says "${said}", but the version is ${version}.`);
    }
    const help = await run(folder, command, '--help');
    if (!help.includes(command)) throw new Error(`"${command} --help" says nothing of ${command}.`);
  }
}

function run(folder, command, argument) {
  const path = join(folder, 'node_modules', '.bin', command);
  return process.platform === 'win32'
    ? runQuietly(`"${path}.cmd"`, [argument], { shell: true })
    : runQuietly(path, [argument]);
}
