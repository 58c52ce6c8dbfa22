/** How LevelDB names its files (db/filename.cc): a number of at least six digits and a suffix. */
function numbered(number: number, suffix: string): string {
  return `${String(number).padStart(6, '0')}.${suffix}`;
}

export const CURRENT = 'CURRENT';
export const FIRST_MANIFEST = 'MANIFEST-000001';

export function logName(number: number): string {
  return numbered(number, 'log');
}

/** A table's possible names, the usual one first. Old versions of LevelDB wrote `.sst`. */
export function tableNames(number: number): [string, string] {
  return [numbered(number, 'ldb'), numbered(number, 'sst')];
}

/** The number of a log, or undefined when `name` is not a log's name. */
export function logNumberOf(name: string): number | undefined {
  const digits = /^(\d+)\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The number in the name of any of LevelDB's files; numbers are never given twice. */
export function numberOf(name: string): number | undefined {
  const digits = /^MANIFEST-(\d+)$/.exec(name)?.[1] ?? /^(\d+)\.[a-z]+$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function isManifestName(name: string): boolean {
  return /^MANIFEST-\d+$/.test(name);
}

export function isTableName(name: string): boolean {
  return /^\d+\.(ldb|sst)$/.test(name);
}
