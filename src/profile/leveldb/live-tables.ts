import { join } from 'node:path';
import { LevelDBFormatError } from './byte-reader.js';
import { tableNames } from './file-names.js';
import { Table } from './table.js';
import type { Version } from './version.js';

/**
 * Opens each table of `version` in turn and hands it to `use`. Throws {@link LevelDBFormatError},
 * naming the table, when one is missing, is not what the manifest says, or `use` finds it damaged.
 */
export async function forEachLiveTable(
  dir: string,
  names: string[],
  version: Version,
  use: (table: Table) => Promise<void>,
): Promise<void> {
  const present = new Set(names);
  for (const [number, { size }] of version.tables) {
    const candidates = tableNames(number);
    const name = candidates.find((candidate) => present.has(candidate));
    if (name === undefined) throw new LevelDBFormatError(`table ${candidates[0]} is missing`);
    try {
      const table = await Table.open(join(dir, name), size);
      await use(table).finally(() => table.close());
    } catch (error) {
      if (!(error instanceof LevelDBFormatError)) throw error;
      throw new LevelDBFormatError(`table ${name} ${error.message}`);
    }
  }
}
