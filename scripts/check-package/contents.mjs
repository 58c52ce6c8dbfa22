import { join } from 'node:path';
import { runNpm } from '../run-quietly.mjs';

const maxBytes = 1_000_000;

const required = ['package.json', 'README.md', 'LICENSE'];

const allowed = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/.*\.(js|mjs|d\.ts|d\.mts)$/,
  /^dist\/server\/page\/.*\.(html|css|svg)$/,
];

/** Packs the package of `packageFolder` into `targetFolder`. */
export async function pack(packageFolder, targetFolder) {
  const output = await runNpm(packageFolder, [
    'pack',
    '--json',
    '--ignore-scripts',
    `--pack-destination=${targetFolder}`,
  ]);
  const [{ name, version, filename, size, files }] = JSON.parse(output);
  return {
    name,
    version,
    tarball: join(targetFolder, filename),
    bytes: size,
    files: files.map(({ path }) => path),
  };
}

export function checkContents({ files, bytes }) {
  const missing = required.filter((path) => !files.includes(path));
  if (missing.length > 0) throw new Error(`Missing in the package: ${missing.join(', ')}.`);

  const unwanted = files.filter((path) => !allowed.some((pattern) => pattern.test(path)));
  if (unwanted.length > 0) throw new Error(`Unwanted in the package: ${unwanted.join(', ')}.`);

  if (bytes > maxBytes) {
    throw new Error(`The package has ${bytes} bytes, more than ${maxBytes}.`);
  }
}
