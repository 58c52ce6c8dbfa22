import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { StandIn } from '../../../src/standin/index.js';
import { RunningCommand } from '../../cli/command.js';
import { browserArgs, startStandIn } from '../../standin/stand-in.js';
import { choose, logIn, rowOf, useBrowser } from './support/dashboard.js';
import { qrOn, scan } from './support/qr.js';

const ADMIN = 'admin-token-of-this-test-only';
const SLOW = { timeout: 45_000 };

useBrowser();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function startServe(standIn: StandIn, folder: string) {
  const serve = new RunningCommand(
    ['serve', '--port', '0', '--capacity', '2', '--log', 'json', '--data-path', `${folder}/data`],
    {
      launchArgs: browserArgs(standIn),
      cwd: folder,
      env: {
        HOLDFAST_STORE: `file:${folder}/store`,
        HOLDFAST_PASSPHRASE: 'of this test only',
        HOLDFAST_ADMIN_TOKEN: ADMIN,
      },
    },
  );
  ends.push(async () => {
    serve.signal('SIGTERM');
    expect(await serve.ended).toBe(0);
  });
  const { port } = await serve.untilEvent('serving');
  return `http://127.0.0.1:${port}`;
}

test('a phone is linked by the QR on the page, restarted without one, and logged out', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-page-'));
  ends.push(async () => rmSync(folder, { recursive: true, maxRetries: 5 }));
  const standIn = await startStandIn({ page: { syncDelayMs: 100 } });
  ends.push(() => standIn.close());
  const page = await logIn(await startServe(standIn, folder), ADMIN);

  await page.getByRole('button', { name: 'Add session' }).click();
  await page.getByRole('textbox', { name: 'Id' }).fill('sales');
  await page.keyboard.press('Enter');
  await qrOn(page).waitFor(SLOW);
  const device = await standIn.phone.scan((await scan(page)) ?? 'no QR that can be read');
  await page.getByRole('dialog', { name: /^Linked as / }).waitFor(SLOW);
  await page.getByRole('button', { name: 'Done' }).click();
  const row = rowOf(page, 'sales');
  await row.getByText('Ready').waitFor(SLOW);
  await row.getByText('sent').waitFor(SLOW);

  await choose(page, 'sales', 'Restart');
  await row.getByText('Starting').waitFor(SLOW);
  await row.getByText('Ready').waitFor(SLOW);
  expect(device.linked).toBe(true);
  expect(device.overlaps).toEqual([]);

  await choose(page, 'sales', 'Log out');
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
  await row.getByText('Stopped').waitFor(SLOW);
  expect(device.linked).toBe(false);
});
