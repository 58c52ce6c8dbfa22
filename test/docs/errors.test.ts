import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './documents.js';

test('every error code is documented, and every documented one exists', () => {
  const source = readFileSync(path.join(root, 'src/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code);
  const document = readFileSync(path.join(root, 'docs/client.md'), 'utf8');
  const section = document.slice(document.indexOf('## Errors'), document.indexOf('## Strategies'));
  const documented = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  expect(documented.sort()).toEqual(codes.sort());
});
