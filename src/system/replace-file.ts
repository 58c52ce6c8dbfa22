import { rename, rm, writeFile } from 'node:fs/promises';

export function draftOf(file: string): string {
  return `${file}.tmp`;
}

/**
 * Writes a file, for its owner only, in place of the one before, which stays if this fails. One
 * writer at a time: the draft has one name, so that a killed process leaves one at the most, which
 * the next call writes over.
 *
 * @param options.flush wait until it is on the disk. Default: true
 */
export async function replaceFile(
  file: string,
  text: string,
  { flush = true }: { flush?: boolean } = {},
): Promise<void> {
  const draft = draftOf(file);
  try {
    await writeFile(draft, text, { mode: 0o600, flush });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
