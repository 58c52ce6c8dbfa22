import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { draftOf, replaceFile } from '../system/replace-file.js';
import type { LiveValues } from './live-values.js';

/** What a running browser held in memory at some moment. */
export interface JournalEntry extends LiveValues {
  /** Of the run that it belongs to: see readOpeningMark. Null: laid down, and not opened yet. */
  opening: string | null;
  /** Milliseconds since 1970. The values are at least as new. */
  readAt: number;
}

export function journalFile(userDataDir: string): string {
  return join(userDataDir, 'holdfast-live-values.json');
}

/**
 * Keeps an entry in place of the one before, which stays if this fails. It holds what a login is
 * made of: for the owner's eyes only, as the profile is.
 */
export async function writeJournal(userDataDir: string, entry: JournalEntry): Promise<void> {
  const body = JSON.stringify(entry);
  await replaceFile(journalFile(userDataDir), `${digestOf(body)}\n${body}\n`);
}

/** The entry; undefined when there is none, or none that is as it was written. */
export async function readJournal(userDataDir: string): Promise<JournalEntry | undefined> {
  try {
    const [digest, body = ''] = (await readFile(journalFile(userDataDir), 'utf8')).split('\n');
    return digest === digestOf(body) ? (JSON.parse(body) as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

export async function removeJournal(userDataDir: string): Promise<void> {
  const file = journalFile(userDataDir);
  for (const each of [file, draftOf(file)]) {
    await rm(each, { recursive: true, force: true }).catch(() => undefined);
  }
}

function digestOf(body: string): string {
  // Versioned, so that another layout to come is not believed by this code.
  return `1 ${createHash('sha256').update(body).digest('hex')}`;
}
