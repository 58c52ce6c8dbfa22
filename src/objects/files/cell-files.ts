import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError } from '../../errors.js';
import type { Cell } from '../object-store.js';
import {
  createFile,
  discard,
  isThere,
  makeFolders,
  nullWhenMissing,
  readBytes,
  syncFolder,
} from './durable-files.js';
import { errnoOf } from './file-errors.js';
import type { Temporaries } from './temporaries.js';

/**
 * A cell is a folder with, at any moment, exactly one pointer: an empty file whose name says the
 * version and whether there is a value, which then is in a file of its own.
 *
 *     17-6b0f….value     written once, before the pointer names it
 *     17-6b0f….current   the pointer; `17-6b0f….deleted` when the cell has been deleted
 *
 * A swap writes the value of version 18 and renames the pointer from 17 to 18. Renaming takes away
 * what it renames, so of several swaps from 17 one succeeds, however slow the others are; no lock
 * and no hard link is needed, and a process killed between any two steps leaves a value that
 * nothing names, which the next swap removes. The folder is made whole, with its first pointer,
 * and renamed to its place. It stays when the cell is deleted, for whoever is about to write it; a
 * long time after that it goes too, its pointer first: a folder with nothing in it is no cell. That
 * numbers begin anew then does no harm, since the other half of a version is random.
 */
const POINTER = /^((\d+)-[0-9a-f]{16})\.(current|deleted)$/;
const VALUE = /^((\d+)-[0-9a-f]{16})\.value$/;
const VERSION = /^(\d+)-[0-9a-f]{16}$/;

/** How long the folder of a deleted cell stays. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;

/** A listing that a swap overtakes may miss the pointer's old and its new name. */
const LOOKS = 1000;

/** What a rename to a folder that is there and not empty may answer. */
const TAKEN = new Set(['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES']);

interface Pointer {
  name: string;
  version: string;
  number: number;
  isDeleted: boolean;
}

export async function readCellFiles(folder: string): Promise<Cell | null> {
  return openCurrent(folder, async (file, version) => {
    const value = await readBytes(file);
    return value === null ? null : { value, version };
  });
}

export async function sizeOfCell(folder: string): Promise<number | null> {
  return openCurrent(folder, async (file) => {
    return (await lstat(file).catch(nullWhenMissing))?.size ?? null;
  });
}

/** @returns the new version; null when the cell is at another one than expected */
export async function swapCellFiles(
  folder: string,
  value: Uint8Array,
  expectedVersion: string | null,
  temporaries: Temporaries,
): Promise<string | null> {
  if (expectedVersion !== null) {
    // It becomes part of a path.
    if (!VERSION.test(expectedVersion)) return null;
    return movePointer(folder, `${expectedVersion}.current`, value);
  }
  for (;;) {
    const pointer = await findPointer(folder);
    if (pointer === null) return createCell(folder, value, temporaries);
    if (!pointer.isDeleted) return null;
    const version = await movePointer(folder, pointer.name, value);
    if (version !== null) return version;
    // Another has written it, or it has been forgotten just now.
  }
}

export async function deleteCellFiles(folder: string): Promise<void> {
  for (;;) {
    const pointer = await findPointer(folder);
    if (pointer === null) return;
    // Who deleted it may have been killed before the value was gone.
    if (pointer.isDeleted) return sweepValues(folder, pointer.number);
    if ((await movePointer(folder, pointer.name, null)) !== null) return;
  }
}

/** Removes what is left of a cell that was deleted long ago; does nothing to any other. */
export async function forgetDeletedCell(folder: string): Promise<void> {
  const changedAt = (await lstat(folder)).mtimeMs;
  if (Date.now() - changedAt < FORGOTTEN_AFTER_MS) return;
  const pointer = await findPointer(folder);
  if (!pointer?.isDeleted) return;
  // Whoever writes the cell at this moment renames the pointer: only one of the two succeeds.
  await unlink(path.join(folder, pointer.name));
  for (const name of await readdir(folder)) await discard(path.join(folder, name));
  await rmdir(folder);
}

/** Lets `open` read the current value; it gives null when the file is not there. */
async function openCurrent<T>(
  folder: string,
  open: (file: string, version: string) => Promise<T | null>,
): Promise<T | null> {
  let missing: string | null = null;
  for (;;) {
    const pointer = await findPointer(folder);
    if (pointer === null || pointer.isDeleted) return null;
    const { version } = pointer;
    // A value is removed only after the pointer has left it.
    if (version === missing) throw damaged(folder, `has no ${version}.value`);
    const opened = await open(path.join(folder, `${version}.value`), version);
    if (opened !== null) return opened;
    missing = version;
  }
}

/** Null when there is no such cell, not even a deleted one. */
async function findPointer(folder: string): Promise<Pointer | null> {
  for (let look = 0; look < LOOKS; look++) {
    const names = await readdir(folder).catch(nullWhenMissing);
    if (names === null || names.length === 0) return null;
    const pointers = names.map(parsePointer).filter((pointer) => pointer !== null);
    // A listing that a swap overtakes may also show both.
    const [latest] = pointers.sort((one, other) => other.number - one.number);
    if (latest !== undefined) return latest;
  }
  throw damaged(folder, 'does not say which value is current');
}

function parsePointer(name: string): Pointer | null {
  const [, version, number, state] = POINTER.exec(name) ?? [];
  if (version === undefined) return null;
  return { name, version, number: Number(number), isDeleted: state === 'deleted' };
}

/** @returns the new version; null when the pointer is not there any more */
async function movePointer(
  folder: string,
  from: string,
  value: Uint8Array | null,
): Promise<string | null> {
  // Saves who comes too late the writing; who comes too late after this finds it in renaming.
  if (!(await isThere(path.join(folder, from)))) return null;
  const number = Number.parseInt(from, 10) + 1;
  const version = newVersion(number);
  const draft = path.join(folder, `${version}.value`);
  const to = path.join(folder, `${version}.${value === null ? 'deleted' : 'current'}`);
  if (value !== null) await createDraft(draft, value);
  try {
    await rename(path.join(folder, from), to);
  } catch (error) {
    // A network file system that lost the answer asks again, and then hears that it is gone.
    if (!(await isThere(to))) {
      await discard(draft);
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }
  await syncFolder(folder);
  await sweepValues(folder, number, version);
  return version;
}

async function createDraft(draft: string, value: Uint8Array): Promise<void> {
  try {
    await createFile(draft, value);
  } catch (error) {
    await discard(draft);
    throw error;
  }
}

/** @returns the version; null when another was first */
async function createCell(
  folder: string,
  value: Uint8Array,
  temporaries: Temporaries,
): Promise<string | null> {
  const version = newVersion(1);
  return temporaries.use(async (temporary) => {
    await mkdir(temporary, { mode: 0o700 });
    await createFile(path.join(temporary, `${version}.value`), value);
    await createFile(path.join(temporary, `${version}.current`), new Uint8Array());
    await syncFolder(temporary);
    await makeFolders(path.dirname(folder));
    // Of a cell that was forgotten; Windows does not rename to a folder that is there.
    await rmdir(folder).catch(() => undefined);
    try {
      await rename(temporary, folder);
    } catch (error) {
      if (!(await isThere(path.join(folder, `${version}.current`)))) {
        if (!TAKEN.has(errnoOf(error)) || !(await isThere(folder))) throw error;
        await discard(temporary);
        return null;
      }
    }
    await syncFolder(path.dirname(folder));
    return version;
  });
}

/** Removes values up to `number` but that of `kept`: no pointer will ever name them again. */
async function sweepValues(folder: string, number: number, kept?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, version, ofValue] = VALUE.exec(name) ?? [];
    if (version === undefined || version === kept || Number(ofValue) > number) continue;
    await discard(path.join(folder, name));
  }
}

function newVersion(number: number): string {
  return `${number}-${randomBytes(8).toString('hex')}`;
}

function damaged(folder: string, what: string): HoldfastError {
  return new HoldfastError(
    'STORE_UNUSABLE',
    `The cell in the folder ${folder} is damaged: it ${what}. ` +
      'Bring the store back from a copy, or remove that folder if its content may be lost.',
  );
}
