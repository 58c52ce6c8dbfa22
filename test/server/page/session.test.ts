import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedSession } from '../support/simulated-session.js';
import { ADMIN } from '../support/test-server.js';
import { choose, logIn, useBrowser } from './support/dashboard.js';
import {
  addLinked,
  breakNewestSnapshot,
  type PageServer,
  startPageServer,
  storeSnapshots,
} from './support/page-server.js';

useBrowser();
let server: PageServer;
let session: SimulatedSession;
beforeEach(async () => {
  server = await startPageServer();
  session = await addLinked(server, 'acme-1');
  return () => server.stop();
});

const open = async (id = 'acme-1') => {
  const page = await logIn(`${server.url}/#/sessions/${id}`, ADMIN);
  await page.getByRole('heading', { level: 1, name: id }).waitFor();
  return page;
};

describe('the page of a session', () => {
  it('shows its facts, and its alerts with what to do', async () => {
    const page = await open();
    await page.getByText('Bakery Sonne (+12025550108)').waitFor();
    await page.getByText('snapshot 1, 12.0 KB sent in 140 ms').waitFor();
    session.alert('STORE_FULL', 'The store has no room for 3 MB.');
    const alert = page.getByRole('region', { name: 'Alerts' });
    await alert.getByText('The store has no room for 3 MB.').waitFor();
    await alert.getByText('Make room in the store.').waitFor();
    await session.restart();
    await alert.waitFor({ state: 'hidden' });
  });

  it('draws its saves, tells them as a table too, and goes on as more are made', async () => {
    for (let save = 2; save <= 12; save++) session.save(9000, 17_000_000 + save, 100 + save);
    const page = await open();
    const saves = page.getByRole('region', { name: 'Saves', exact: true });
    await saves
      .getByRole('img', { name: /^The last 12 saves.* 17\.0 MB to 18\.0 MB.* 140 ms/ })
      .waitFor();
    await saves.getByText('As a table').click();
    await saves.getByRole('row', { name: /^12 / }).waitFor();
    expect(await saves.getByRole('row').count()).toBe(13);

    session.save(12_000, 19_500_000, 900);
    await saves.getByRole('img', { name: /The last 13 saves/ }).waitFor();
    await saves.getByRole('row', { name: /^13 .*19\.5 MB.*900 ms/ }).waitFor();
    await page.getByText(/^13 saves since/).waitFor();
  });

  it('tells what has happened, and what happens', async () => {
    session.save(34_000, 18_000_000);
    const page = await open();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('on simulated').first().waitFor();
    await timeline.getByText(/^2 saves since .*, 46\.0 KB sent/).click();
    const opened = timeline.getByText(/Snapshot 2: 34\.0 KB sent/);
    await opened.waitFor();
    session.enter('offline');
    await timeline.getByText('Offline').waitFor();
    const at = new Date().toISOString();
    session.happen({ at, what: 'restored', from: 'store', durationMs: 2100 });
    await timeline.getByText('Restored from the store in 2.1 s').waitFor();
    const message = 'The store could not be reached.';
    session.happen({
      at,
      what: 'save-failed',
      code: 'STORE_UNREACHABLE',
      message,
      nextTryMs: 5000,
    });
    await timeline.getByText(`A save failed: ${message} Tried again after 5.0 s.`).waitFor();
    expect(await opened.isVisible()).toBe(true);
  });

  it('checks the snapshots, and goes back to one after a warning', async () => {
    const [first, , last] = await storeSnapshots(server, 'acme-1', 3);
    await breakNewestSnapshot(server, 'acme-1');
    const page = await open();
    await page.getByText('3 snapshots').waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByRole('main').getByText('1 of 3 snapshots is not whole.').waitFor();
    await page.getByRole('row', { name: RegExp(`^${last} .*Not whole: OBJECT_MISSING`) }).waitFor();
    await page.getByRole('row', { name: RegExp(`^${first} .*Whole`) }).waitFor();

    await page.getByRole('button', { name: `Go back to snapshot ${first}` }).click();
    const dialog = page.getByRole('dialog', { name: `Go back to snapshot ${first}?` });
    await dialog.getByText('The earlier login has older message keys').waitFor();
    await dialog.getByText('Do this only when the newest snapshot is broken.').waitFor();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await page.getByText(`acme-1 goes back to snapshot ${first}.`).first().waitFor();
    expect(session.rolledBackTo).toBe(first);
  });

  it('exports after saying that the file is the login', async () => {
    await storeSnapshots(server, 'acme-1', 1);
    const page = await open();
    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export acme-1?' });
    await dialog.getByText('The file is the login.').waitFor();
    const download = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toMatch(/acme-1\.zip$/);
    expect(await (await download).failure()).toBe(null);
    await dialog.waitFor({ state: 'detached' });
  });

  it('sends a test message, and says why one was not sent', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Send a test message' }).click();
    const to = page.getByLabel('To', { exact: true });
    const send = page.getByRole('button', { name: 'Send', exact: true });
    await to.fill('somebody');
    await send.click();
    await page.getByText('Give a phone number with its country code').waitFor();
    await to.fill('+1 202 555 0199');
    await page.getByLabel('Text').fill('Hello from the desk');
    session.enter('offline');
    await send.click();
    await page.getByRole('alert').getByText('The session acme-1 is offline.').waitFor();
    session.enter('ready');
    await send.click();
    await page
      .getByText(/Sent to \+?12025550199/)
      .first()
      .waitFor();
    expect(session.sent).toEqual([{ to: '12025550199', text: 'Hello from the desk' }]);
  });

  it('logs out only after it has said what that does', async () => {
    const page = await open();
    await choose(page, 'acme-1', 'Log out');
    const dialog = page.getByRole('dialog', { name: 'Log out acme-1?' });
    await dialog.getByText('the stored session with all its snapshots is deleted').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(session.view.account).not.toBe(null);
    await choose(page, 'acme-1', 'Log out');
    await dialog.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('acme-1 is logged out.').first().waitFor();
    await page.getByRole('main').getByText('Stopped', { exact: true }).first().waitFor();
  });

  it('says so when there is no such session', async () => {
    const page = await open('nobody');
    await page.getByText('There is no session nobody, or not any more.').waitFor();
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
  });
});
