import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { FileObjects } from '../../../src/objects/file-objects.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';

export async function newStore(): Promise<FileObjects> {
  return new FileObjects({ path: path.join(await temporaryFolder(), 'store') });
}

/** As another process would open it. */
export function reopened({ path }: FileObjects): FileObjects {
  return new FileObjects({ path });
}

/** Every file below the store's folder, relative to it. */
export function filesOf(store: FileObjects): string[] {
  if (!existsSync(store.path)) return [];
  return readdirSync(store.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(store.path, path.join(entry.parentPath, entry.name)))
    .sort();
}

export const bytes = (text: string) => new TextEncoder().encode(text);

export async function cellText(store: FileObjects, key: string): Promise<string | null> {
  const cell = await store.readCell(key);
  return cell === null ? null : new TextDecoder().decode(cell.value);
}
