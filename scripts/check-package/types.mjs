import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runQuietly } from '../run-quietly.mjs';

const compilerOptions = {
  strict: true,
  noEmit: true,
  target: 'es2023',
  lib: ['es2023', 'dom'],
  types: ['node'],
  // The declarations are checked too: they may only need packages that users get with this one.
  skipLibCheck: false,
};

const consumers = [
  { file: 'commonjs.cts', options: { module: 'node16', moduleResolution: 'node16' } },
  { file: 'esm.mts', options: { module: 'node16', moduleResolution: 'node16' } },
  { file: 'bundled.ts', options: { module: 'esnext', moduleResolution: 'bundler' } },
];

/** `entries` are what loading found; `tools` is the folder whose node_modules has tsc. */
export async function checkTypes({ name, folder }, entries, tools) {
  const installed = join(folder, 'node_modules', name);
  const statements = entries.map((entry) => reexport(entry, installed)).join('');
  provideNodeTypes(folder, tools);
  for (const { file, options } of consumers) {
    writeFileSync(join(folder, file), statements);
    const config = join(folder, `tsconfig.${file}.json`);
    writeFileSync(
      config,
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: [file] }),
    );
    const tsc = join(tools, 'node_modules', 'typescript', 'bin', 'tsc');
    await runQuietly(process.execPath, [tsc, '-p', config], { cwd: folder });
  }
}

/** A statement that compiles if all that the entry point has, has types; its names get one each. */
function reexport({ specifier, conditions, names }, installed) {
  const typeNames = sameTypeNames(conditions, installed);
  const values = names.filter((value) => !typeNames.includes(value));
  const undeclared = names.filter((value) => typeNames.includes(value));
  if (undeclared.length > 0) {
    throw new Error(`Declared as types only, but there at run time: ${undeclared.join(', ')}.`);
  }
  const exported = [...values, ...typeNames.map((type) => `type ${type}`)];
  if (exported.length === 0) throw new Error(`${specifier} exports nothing.`);
  // Two entry points may export the same name.
  const prefix = specifier.replace(/\W/g, '_');
  const list = exported.map((one) => `${one} as ${prefix}_${one.replace('type ', '')}`);
  return `export { ${list.join(', ')} } from '${specifier}';\n`;
}

/** Every TypeScript project on Node has these; a dependency may have brought them already. */
function provideNodeTypes(folder, tools) {
  const path = join('node_modules', '@types', 'node');
  if (existsSync(join(folder, path))) return;
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(join(tools, path), join(folder, path), 'junction');
}

/** The types that import and require give; it is an error if they differ. */
function sameTypeNames({ import: esm, require: commonjs }, packageFolder) {
  const fromImport = typeNamesIn(join(packageFolder, esm.types));
  const fromRequire = typeNamesIn(join(packageFolder, commonjs.types));
  const differing = [
    ...fromImport.filter((type) => !fromRequire.includes(type)),
    ...fromRequire.filter((type) => !fromImport.includes(type)),
  ];
  if (differing.length > 0) {
    throw new Error(`Types not exported to both import and require: ${differing.join(', ')}.`);
  }
  return fromImport;
}

/** The names in `export type { A }`, `export { type A }`, `export interface A` and `export type A`. */
function typeNamesIn(path) {
  const source = readFileSync(path, 'utf8');
  const listed = [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
    ([, typesOnly, list]) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '' && (typesOnly || entry.startsWith('type ')))
        .map((entry) => entry.replace(/^type /, '').replace(/^.* as /, '')),
  );
  const declared = [...source.matchAll(/^export (?:declare )?(?:interface|type) (\w+)/gm)];
  const passedOn = [...source.matchAll(/^export \* from '(.+)\.js'/gm)];
  return [
    ...listed,
    ...declared.map(([, name]) => name),
    ...passedOn.flatMap(([, file]) => typeNamesIn(join(dirname(path), `${file}.d.ts`))),
  ];
}
