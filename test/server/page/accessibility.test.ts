import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as axeModule from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, VIEWER } from '../support/test-server.js';
import { choose, logIn, openPage, rowOf, takePicture, useBrowser } from './support/dashboard.js';
import {
  addLinked,
  addSession,
  type PageServer,
  startPageServer,
  storeSnapshots,
} from './support/page-server.js';

declare const axe: typeof axeModule;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const OTHERS = ['waiting', 'starting', 'stopped', 'syncing', 'stopping'] as const;

useBrowser();
let server: PageServer;
beforeAll(async () => {
  server = await startPageServer();
  const first = await addLinked(server, 'acme-1');
  for (let save = 2; save <= 20; save++)
    first.save(9000 * save, 17_000_000 * (1 + save / 9), 99 + save);
  first.alert('STORE_FULL', 'The store has no room.');
  await storeSnapshots(server, 'acme-1', 4);
  await addSession(server, 'acme-2');
  (await addLinked(server, 'acme-3')).enter('offline');
  (await addLinked(server, 'acme-4')).fail('BROWSER_CLOSED', 'The browser has ended by itself.');
  for (const [number, state] of OTHERS.entries()) {
    (await addLinked(server, `acme-${number + 5}`)).enter(state);
  }
});
afterAll(() => server.stop());

const WIDTHS = { laptop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };
const SCHEMES = ['light', 'dark'] as const;

/** What is wrong with the view that is shown, in each scheme and width. */
async function faultsOf(page: Page, view: string): Promise<string[]> {
  // Evaluated through the debugger, which the page's security policy does not concern.
  await page.evaluate(AXE);
  const faults: string[] = [];
  for (const [device, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await takePicture(page, `${view}-${device}-${colorScheme}`);
      const found = await page.evaluate(findFaults);
      faults.push(...found.map((fault) => `${device}, ${colorScheme}: ${fault}`));
    }
  }
  return faults;
}

/** What axe says against it, and whether it is wider than its window. */
async function findFaults(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  const { scrollWidth, clientWidth } = document.documentElement;
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ...(scrollWidth > clientWidth ? [`${scrollWidth} px wide`] : []),
  ];
}

describe('nobody is kept out', () => {
  it('of the login', async () => {
    const page = await openPage(server.url);
    await page.getByLabel('Token').waitFor();
    expect(await faultsOf(page, 'login')).toEqual([]);
  });

  it('of the list and its dialogs', async () => {
    const page = await logIn(server.url, ADMIN);
    await rowOf(page, 'acme-9').waitFor();
    expect(await faultsOf(page, 'list')).toEqual([]);
    await page.getByRole('button', { name: 'Link acme-2' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await faultsOf(page, 'link')).toEqual([]);
    await page.keyboard.press('Escape');
    await choose(page, 'acme-1', 'Remove');
    expect(await faultsOf(page, 'remove')).toEqual([]);
  });

  it('of the page of a session', async () => {
    const page = await logIn(`${server.url}/#/sessions/acme-1`, ADMIN);
    await page.getByRole('img', { name: /saves/ }).waitFor();
    await page
      .getByRole('button', { name: /Go back/ })
      .first()
      .waitFor();
    await page.getByText('As a table').click();
    expect(await faultsOf(page, 'session')).toEqual([]);
  });

  it('of what a viewer sees', async () => {
    const page = await logIn(server.url, VIEWER);
    await rowOf(page, 'acme-9').waitFor();
    await page.getByText(/places taken/).click();
    expect(await faultsOf(page, 'viewer')).toEqual([]);
  });

  it("of the customer's page", async () => {
    const { token } = await server.fleet.createLink('acme-2', 60_000);
    const page = await openPage(`${server.url}/link/${token}`);
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await faultsOf(page, 'customer')).toEqual([]);
  });
});
