import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, VIEWER } from '../support/test-server.js';
import { logIn, openPage, rowOf, useBrowser } from './support/dashboard.js';
import {
  addLinked,
  addSession,
  type PageServer,
  startPageServer,
  storeSnapshots,
} from './support/page-server.js';

useBrowser();
let server: PageServer;
beforeAll(async () => {
  server = await startPageServer();
  await addLinked(server, 'acme-1');
  await addSession(server, 'acme-2');
  await storeSnapshots(server, 'acme-1', 2);
});
afterAll(() => server.stop());

describe('the login of the dashboard', () => {
  it('says in words what is wrong with a token, and takes the right one then', async () => {
    const page = await openPage(server.url);
    const log = page.getByRole('button', { name: 'Log in' });
    await log.click();
    await page.getByText('Give the token.').waitFor();

    await page.getByLabel('Token').fill('wrong');
    await log.click();
    await page.getByRole('alert').getByText('This token is not known here').waitFor();

    await page.getByLabel('Token').fill(ADMIN);
    await log.click();
    await rowOf(page, 'acme-1').waitFor();
    expect(await page.title()).toBe('Sessions · Holdfast');
  });

  it('holds over a reload, and ends with the logout', async () => {
    const page = await logIn(server.url, ADMIN);
    await page.reload();
    await rowOf(page, 'acme-1').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });

  it('is asked for again when it has ended, whatever was open', async () => {
    const page = await logIn(server.url, ADMIN);
    await page.getByRole('button', { name: 'Link acme-2' }).click();
    await page.getByRole('radio', { name: 'Phone number' }).check({ force: true });
    await page.getByRole('textbox', { name: 'Phone number' }).fill('12025550108');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Get a code' }).click();
    await page.getByText('The login has ended. Log in again.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('shows a viewer everything, and no button that it may not use', async () => {
    const page = await logIn(server.url, VIEWER);
    await rowOf(page, 'acme-2').waitFor();
    await page.getByText('Viewer').waitFor();
    expect(await page.getByRole('button', { name: /^(Add|Link|Actions)/ }).count()).toBe(0);

    await page.getByRole('link', { name: 'acme-1' }).click();
    await page.getByRole('heading', { name: 'acme-1' }).waitFor();
    await page.getByText('2 snapshots').waitFor();
    const names = await page.getByRole('main').getByRole('button').allInnerTexts();
    expect(names).toEqual(['Check now']);
  });
});
