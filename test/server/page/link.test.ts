import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedSession } from '../support/simulated-session.js';
import { ADMIN } from '../support/test-server.js';
import { choose, logIn, openPage, useBrowser } from './support/dashboard.js';
import { addSession, type PageServer, startPageServer } from './support/page-server.js';
import { qrOn, scan } from './support/qr.js';

useBrowser();
let server: PageServer;
let session: SimulatedSession;
beforeEach(async () => {
  server = await startPageServer();
  session = await addSession(server, 'acme-1');
  return () => server.stop();
});

describe('linking', () => {
  it('shows the QR as it changes, how long it is valid, and ends by itself when linked', async () => {
    const page = await logIn(server.url, ADMIN);
    await page.getByRole('button', { name: 'Link acme-1' }).click();
    await qrOn(page).waitFor();
    await page.getByText(/Can be scanned for \d+ s more/).waitFor();
    await page.getByRole('status').getByText('A QR code is shown.').waitFor();
    expect(await scan(page)).toBe(session.qr);

    const next = session.showQr();
    await page.getByRole('status').getByText('A new QR code is shown.').waitFor();
    await expect.poll(() => scan(page)).toBe(next);

    session.enter('syncing');
    await page.getByRole('dialog').getByText('The phone was accepted.').waitFor();
    session.link('12025550108', 'Ada');
    await page.getByRole('dialog', { name: 'Linked as Ada (+12025550108)' }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('gives a pairing code for a phone number, and goes back to the QR', async () => {
    const page = await logIn(server.url, ADMIN);
    await page.getByRole('button', { name: 'Link acme-1' }).click();
    await page.locator('label', { hasText: 'Phone number' }).first().click();
    const phone = page.getByRole('textbox', { name: 'Phone number' });
    await phone.fill('0202');
    await page.getByRole('button', { name: 'Get a code' }).click();
    await page.getByText('Give the country code and the number').waitFor();
    await phone.fill('+1 (202) 555-0108');
    await page.keyboard.press('Enter');
    await page.getByText(/^[A-Z\d]{4}-[A-Z\d]{4}$/).waitFor();
    await page.getByText(/the phone \+12025550108.*Valid until \d\d:\d\d:\d\d/).waitFor();
    expect(session.view.code?.phone).toBe('12025550108');

    await page.getByText('QR code', { exact: true }).click();
    await qrOn(page).waitFor();
    expect(session.view.state).toBe('qr');
  });

  it('is done with the keyboard alone, and gives the focus back', async () => {
    const page = await logIn(server.url, ADMIN);
    const more = page.getByRole('button', { name: 'Actions for acme-1' });
    await more.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Link', exact: true }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    expect(await focused()).toBe('Link');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('Remove');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await qrOn(page).waitFor();

    const dialog = page.getByRole('dialog');
    const isInside = () =>
      // The browser's own controls come after the last of the dialog.
      dialog.evaluate(
        (node) =>
          node.contains(document.activeElement) ||
          !document.hasFocus() ||
          document.activeElement === document.body,
      );
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab');
      expect(await isInside()).toBe(true);
    }
    await dialog.getByRole('radio', { name: 'QR code' }).focus();
    await page.keyboard.press('ArrowRight');
    await dialog.getByRole('textbox', { name: 'Phone number' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await more.evaluate((node) => node === document.activeElement)).toBe(true);
  });
});

describe('the link for a customer', () => {
  const makeLink = async () => {
    const page = await logIn(server.url, ADMIN);
    await choose(page, 'acme-1', 'Link for the customer');
    await page.getByLabel('Valid for').selectOption('1 day');
    await page.getByRole('button', { name: 'Make the link' }).click();
    return { page, address: await page.getByLabel('Address to give').inputValue() };
  };

  it('is made with a time, shows only the QR, and is used up by linking', async () => {
    const { page, address } = await makeLink();
    await page.getByText(/Expires on \d+ \w+ \d+/).waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').first().waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);

    const customer = await openPage(address);
    await qrOn(customer).waitFor();
    expect(await scan(customer)).toBe(session.qr);
    const next = session.showQr();
    await expect.poll(() => scan(customer)).toBe(next);
    await customer.getByText(/Can be scanned for \d+ s more/).waitFor();
    expect(await customer.getByRole('listitem').count()).toBe(3);
    expect(await customer.locator('body').innerText()).not.toContain('acme-1');

    session.link();
    await customer.getByText('Your WhatsApp is linked. You can close this page.').waitFor();
    expect(await qrOn(customer).count()).toBe(0);
    await customer.reload();
    await customer.getByRole('heading', { name: 'This link is no longer valid' }).waitFor();
  });

  it('says that it is not known, and waits for the QR that is not there yet', async () => {
    const unknown = await openPage(`${server.url}/link/nonsense`);
    await unknown.getByRole('heading', { name: 'This link is not known' }).waitFor();

    const { address } = await makeLink();
    session.enter('starting');
    const customer = await openPage(address);
    await customer.getByText('The next QR code comes in a moment').waitFor();
    const first = session.showQr();
    await qrOn(customer).waitFor();
    expect(await scan(customer)).toBe(first);
  });
});
