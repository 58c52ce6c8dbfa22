import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The LevelDB directory in `userDataDir` whose path ends as `ending` says. */
export async function findDatabase(userDataDir: string, ending: RegExp): Promise<string> {
  const paths = await readdir(userDataDir, { recursive: true });
  const found = paths.filter((path) => ending.test(path.replaceAll('\\', '/')));
  if (found.length !== 1) throw new Error(`${found.length} databases end in ${ending}`);
  return join(userDataDir, found[0] ?? '');
}

/**
 * Turns over a byte of a database's newest log: in the middle, or at `offset`. There must be whole
 * records behind it; a last record that does not check may never have been whole.
 */
export async function flipLogByte(dir: string, offset?: number): Promise<void> {
  const logs = (await readdir(dir)).filter((name) => name.endsWith('.log')).sort();
  const file = join(dir, logs.at(-1) ?? '');
  const bytes = await readFile(file);
  const at = offset ?? Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}

/** Deletes the oldest table: it is in use, since LevelDB deletes those that are not. */
export async function removeTable(dir: string): Promise<void> {
  const [oldest] = (await readdir(dir)).filter((name) => name.endsWith('.ldb')).sort();
  if (oldest === undefined) throw new Error(`${dir} has no table`);
  await rm(join(dir, oldest));
}
