import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readText, root } from './deploy-files.js';

let help: string;
beforeAll(async () => {
  const command = [path.join(root, 'dist/cli/main.js'), 'serve', '--help'];
  help = (await promisify(execFile)(process.execPath, command)).stdout;
});

/** The words of every command line in a file that start `holdfast serve`. */
const COMMAND_LINES: [file: string, find: (text: string) => string[]][] = [
  ['Dockerfile', (text) => JSON.parse(text.match(/^CMD (\[.*\])$/m)?.[1] ?? '[]') as string[]],
  ['deploy/compose/compose.yaml', (text) => listItems(text)],
  ['deploy/kubernetes/holdfast.yaml', (text) => listItems(text)],
  ['deploy/systemd/holdfast.service', (text) => wordsAfter(text, /^ExecStart=\S+ /m)],
  ['deploy/heroku/Procfile', (text) => wordsAfter(text, /^web: holdfast /m)],
  ['docs/deploy/systemd.md', (text) => wordsAfter(text, /^ExecStart=\S+ /m)],
];

/** All strings in lists that begin with `serve`, however deep. */
function listItems(text: string): string[] {
  const find = (value: unknown): string[] => {
    if (Array.isArray(value) && value[0] === 'serve') return value as string[];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).flatMap(find);
  };
  return parseAllDocuments(text).flatMap((document) => find(document.toJS()));
}

function wordsAfter(text: string, start: RegExp): string[] {
  const [, rest = ''] = text.replaceAll('\\\n', ' ').split(start);
  return (rest.split('\n')[0] ?? '').split(/\s+/);
}

test.each(COMMAND_LINES)('the command knows the options that %s gives it', (file, find) => {
  const words = find(readText(file));
  expect(words[0]).toBe('serve');
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
  expect(options).toContain('--data-path');
  for (const option of options) expect(help).toMatch(new RegExp(`^  ${option}\\b`, 'm'));
});
