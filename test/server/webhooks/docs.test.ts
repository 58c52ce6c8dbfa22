import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { sendNews } from '../../../src/server/webhooks/delivery/send-news.js';
import { signatureOf } from '../../../src/server/webhooks/signature.js';
import { root } from '../../docs/documents.js';

const SECRET = 'b7'.repeat(32);
const NEWS = { id: 'n1', event: 'session.state', at: '2026-11-05T12:00:00.000Z' } as const;

test('the receiver in docs/webhooks.md takes what is genuine, and nothing else', async () => {
  const { url, output } = await startDocumented();
  const send = (secret: string, data: unknown) =>
    sendNews(
      { url, secret, rules: { allowPrivate: true } },
      { ...NEWS, data },
      new AbortController().signal,
    );
  const old = JSON.stringify({ ...NEWS, data: { state: 'old' } });
  const signature = signatureOf(SECRET, old, Math.floor(Date.now() / 1000) - 3600);
  const replayed = await fetch(url, {
    method: 'POST',
    headers: { 'X-Holdfast-Signature': signature },
    body: old,
  });
  expect(replayed.status).toBe(401);
  expect((await fetch(url, { method: 'POST', body: old })).status).toBe(401);
  expect(await send('a5'.repeat(32), { state: 'forged' })).toMatchObject({ status: 401 });
  const printed = once(output, 'line');
  expect(await send(SECRET, { state: 'ready' })).toMatchObject({ status: 204, error: null });
  expect(await printed).toEqual(["session.state { state: 'ready' }"]);
});

async function startDocumented() {
  const document = readFileSync(path.join(root, 'docs/webhooks.md'), 'utf8');
  const program = /^```js\n(.*?)^```$/ms.exec(document)?.[1] ?? '';
  const env = { PATH: process.env.PATH, WEBHOOK_SECRET: SECRET, PORT: '0' };
  const child = spawn(process.execPath, ['-e', program], { env });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = createInterface(child.stdout);
  const [line] = await once(output, 'line');
  return { url: `http://127.0.0.1:${/\d+$/.exec(line)?.[0]}/`, output };
}
