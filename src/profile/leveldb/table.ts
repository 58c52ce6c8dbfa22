import { open } from 'node:fs/promises';

/** A table ends in two block handles, padding and this number (doc/table_format.md). */
export const FOOTER_SIZE = 48;
const MAGIC = 0xdb4775248b80fb57n;

/** Whether the last {@link FOOTER_SIZE} bytes of a file are a table's. */
export function isTableFooter(footer: Buffer): boolean {
  return footer.readBigUInt64LE(FOOTER_SIZE - 8) === MAGIC;
}

/**
 * The quick check of a table: its size and its footer. A damaged data block is not found.
 * Returns what is wrong, or undefined. Errors of the file system are thrown as they are.
 */
export async function findTableFlaw(path: string, size: number): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const actual = (await file.stat()).size;
    if (actual !== size) return `is ${actual} bytes long, the manifest says ${size}`;
    if (size < FOOTER_SIZE) return 'is too short to be a table';
    const footer = Buffer.alloc(FOOTER_SIZE);
    await file.read(footer, 0, FOOTER_SIZE, size - FOOTER_SIZE);
    if (!isTableFooter(footer)) return 'does not end as a table does';
    return undefined;
  } finally {
    await file.close();
  }
}
