import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const root = path.resolve(import.meta.dirname, '../..');

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Throws when it is no YAML. */
export function readYaml<T>(file: string): T {
  return parse(readText(file), { merge: true }) as T;
}

export function readManifests<T>(file: string): T[] {
  return parseAllDocuments(readText(file)).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as T;
  });
}

/** The secrets that each worker of a fleet is given. */
export const SECRETS = [
  'HOLDFAST_STORE',
  'HOLDFAST_KEY',
  'HOLDFAST_FLEET_SECRET',
  'HOLDFAST_ADMIN_TOKEN',
  'HOLDFAST_VIEWER_TOKEN',
];

/** Beyond the 30 s in which a worker has to have handed over. */
export const LEAST_GRACE_S = 35;
