import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, startServer, type TestServer } from '../server/support/test-server.js';
import { codeBlocks, root } from './documents.js';

const run = promisify(execFile);
const document = readFileSync(path.join(root, 'docs/api.md'), 'utf8');
let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(path.join(tmpdir(), 'test-docs-api-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function section(from: string, to: string): string {
  return document.slice(document.indexOf(from), document.indexOf(to));
}

test('every example of docs/api.md does what it is shown for, in turn', async () => {
  const blocks = codeBlocks('sh').filter((block) => block.document === 'docs/api.md');
  const printed: string[] = [];
  for (const { code } of blocks) {
    const env = { ...process.env, HOLDFAST: server.url, TOKEN: ADMIN };
    const { stdout } = await run('bash', ['-ec', code], { cwd: folder, env });
    printed.push(stdout);
    // The phone scans what was drawn.
    if (code.includes('qr.png')) server.fleet.get('sales')?.link();
  }
  expect(readFileSync(path.join(folder, 'qr.png')).toString('latin1', 1, 4)).toBe('PNG');
  expect(server.fleet.get('sales')?.sent).toEqual([{ to: '12025550199', text: 'Hello' }]);
  expect(printed.join('\n')).toMatch(/"role":"admin".*\/link\/.*event: state/s);
});

test('its list of routes is the list of routes', () => {
  const rows = section('## Routes', '## Events').matchAll(/^\| `(\w+) (\S+)` +\| (.*?) +\|/gm);
  const documented = [...rows].map(([, method, route, mark]) =>
    `${method} ${route} ${mark}`.trim(),
  );
  const marks: Record<string, string> = { admin: ' A', anyone: ' –' };
  const routes = server.routes.map(
    ({ method, path: route, access }) => `${method.toUpperCase()} ${route}${marks[access] ?? ''}`,
  );
  expect(documented.sort()).toEqual(routes.sort());
});

test('its list of codes is the list of codes', () => {
  const source = readFileSync(path.join(root, 'src/server/api-error.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code);
  const documented = [
    ...document.slice(document.indexOf('## Errors')).matchAll(/^\| `([A-Z_]+)`/gm),
  ];
  expect(codes.length).toBeGreaterThan(10);
  expect(documented.map(([, code]) => code)).toEqual(codes);
});
