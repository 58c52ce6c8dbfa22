import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Of the files in a folder that nobody writes to, together, in bytes. */
export async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  let size = 0;
  for (const entry of entries) {
    if (entry.isFile()) size += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return size;
}
