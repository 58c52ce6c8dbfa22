import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/api.md',
  'docs/architecture.md',
  'docs/client.md',
  'docs/command.md',
  'docs/dashboard.md',
  'docs/engine.md',
  'docs/stores.md',
];

/** The code blocks of one language in all documents that users read. */
export function codeBlocks(language: string): { document: string; code: string }[] {
  return DOCUMENTS.flatMap((document) => {
    const text = readFileSync(path.join(root, document), 'utf8');
    const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
    return [...blocks]
      .filter(([, found]) => found === language)
      .map(([, , code = '']) => ({ document, code }));
  });
}
