import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN } from '../support/test-server.js';
import { choose, logIn, rowOf, takePicture, useBrowser } from './support/dashboard.js';
import { addLinked, addSession, type PageServer, startPageServer } from './support/page-server.js';

useBrowser();
let server: PageServer;
beforeEach(async () => {
  server = await startPageServer();
  return () => server.stop();
});

describe('the list of sessions', () => {
  beforeEach(async () => {
    await addLinked(server, 'acme-1', { name: 'Zoo', number: '4915112345678', size: 30_000_000 });
    await addSession(server, 'acme-2');
    await addLinked(server, 'acme-10', { name: 'Anna', size: 10_000_000 });
    (await addSession(server, 'beta')).fail('STORE_FULL', 'The store has no room.');
  });
  const held = (id: string) => {
    const session = server.fleet.get(id);
    if (!session) throw new Error(`nobody holds ${id}`);
    return session;
  };

  it('shows what changes, as it changes', async () => {
    const page = await logIn(server.url, ADMIN);
    const row = rowOf(page, 'acme-2');
    await row.getByText('To be linked').waitFor();

    held('acme-2').enter('syncing');
    await row.getByText('Loading').waitFor();
    held('acme-2').link('4366412345', 'Carl');
    held('acme-2').save(1_234_000, 21_000_000);
    await row.getByText('Ready').waitFor();
    const text = (await row.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('Carl +4366412345 just now 1.2 MB sent 21.0 MB simulated');
    await page.getByRole('button', { name: 'Ready 3', exact: true }).waitFor();
  });

  it('narrows by state and by search, and sorts, numbers as numbers', async () => {
    const page = await logIn(server.url, ADMIN);
    const ids = () => page.getByRole('row').getByRole('link').allInnerTexts();
    await rowOf(page, 'beta').waitFor();
    expect(await ids()).toEqual(['acme-1', 'acme-2', 'acme-10', 'beta']);

    const size = page.getByRole('columnheader', { name: 'Size' });
    await size.getByRole('button').click();
    expect(await ids()).toEqual(['acme-1', 'acme-10', 'acme-2', 'beta']);
    expect(await size.getAttribute('aria-sort')).toBe('descending');
    await size.getByRole('button').click();
    expect((await ids()).slice(2)).toEqual(['acme-10', 'acme-1']);

    await page.getByRole('button', { name: /With alerts/ }).click();
    expect(await ids()).toEqual(['beta']);
    await rowOf(page, 'beta').getByText('Store is full').waitFor();
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByRole('searchbox').fill('+49 151 123');
    expect(await ids()).toEqual(['acme-1']);
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('No session matches.').waitFor();
  });

  it('adds a session, explaining what an id may be, and goes on to linking it', async () => {
    const page = await logIn(server.url, ADMIN);
    await page.getByRole('button', { name: 'Add session' }).click();
    const dialog = page.getByRole('dialog');
    const id = dialog.getByLabel('Id');
    const add = dialog.getByRole('button', { name: 'Add' });
    await id.fill('acme 3');
    await add.click();
    await dialog.getByText('A space cannot be in an id').waitFor();
    await id.fill('acme-1');
    await add.click();
    await dialog.getByText('There is a session acme-1 already.').waitFor();
    // Which only the server knows to be another name of that one.
    await id.fill('RemoteAuth-acme-1');
    await add.click();
    await dialog.getByRole('alert').getByText('There is a session acme-1').waitFor();
    await id.fill('acme-3');
    await add.click();

    await page.getByRole('heading', { name: 'Link acme-3' }).waitFor();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    await page.keyboard.press('Escape');
    await rowOf(page, 'acme-3').getByText('To be linked').waitFor();
  });

  it('keeps the focus where it is while rows change and move', async () => {
    const page = await logIn(server.url, ADMIN);
    const ids = () => page.getByRole('row').getByRole('link').allInnerTexts();
    await page.getByRole('columnheader', { name: 'State' }).getByRole('button').click();
    expect(await ids()).toEqual(['beta', 'acme-2', 'acme-1', 'acme-10']);
    await page.mouse.move(0, 0);
    const link = page.getByRole('button', { name: 'Link acme-2' });
    await link.focus();
    held('acme-1').enter('offline');
    held('acme-2').showQr();
    await rowOf(page, 'acme-1').getByText('Offline').waitFor();
    expect(await link.evaluate((node) => node === document.activeElement)).toBe(true);
    expect(await ids()).toEqual(['beta', 'acme-2', 'acme-1', 'acme-10']);

    await page.getByRole('searchbox').focus();
    await expect.poll(ids).toEqual(['beta', 'acme-1', 'acme-2', 'acme-10']);
  });

  it('restarts, and removes with what is stored only if told so', async () => {
    const page = await logIn(server.url, ADMIN);
    await choose(page, 'acme-1', 'Restart');
    await page.getByText('acme-1 is closed and started again.').first().waitFor();
    expect(held('acme-1').restarts).toBe(1);

    const purges: (string | null)[] = [];
    page.on('request', (request) => {
      const isRemoval = request.method() === 'DELETE';
      if (isRemoval) purges.push(new URL(request.url()).searchParams.get('purge'));
    });
    for (const [id, isPurge] of [
      ['acme-1', false],
      ['beta', true],
    ] as const) {
      await choose(page, id, 'Remove');
      const dialog = page.getByRole('dialog', { name: `Remove ${id}?` });
      await dialog.getByText('The phone is not logged out.').waitFor();
      if (isPurge) await dialog.getByRole('checkbox').check();
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await rowOf(page, id).waitFor({ state: 'detached' });
    }
    expect(purges).toEqual(['false', 'true']);
    expect([...server.shared.roster.keys()]).toEqual(['acme-2', 'acme-10']);
  });

  it('says that the connection is lost, and what it missed when it is back', async () => {
    const page = await logIn(server.url, ADMIN);
    await rowOf(page, 'acme-1').waitFor();
    await page.context().setOffline(true);
    const notice = page.getByText('Connection lost, trying again.');
    await notice.waitFor();
    held('acme-1').enter('offline');
    await server.fleet.remove('beta');
    await page.context().setOffline(false);
    await rowOf(page, 'acme-1').getByText('Offline').waitFor();
    await rowOf(page, 'beta').waitFor({ state: 'detached' });
    await notice.waitFor({ state: 'detached' });
  });
});

describe('the list of 300 sessions', () => {
  it('stays live under a storm of changes, writing only what changed', async () => {
    await server.fleet.populate(300);
    const page = await logIn(server.url, ADMIN);
    const row = (n: number) => rowOf(page, `customer-${String(n).padStart(3, '0')}`);
    await row(300).waitFor();
    const watched = await page.evaluateHandle(() => {
      const counted = { nodes: 0 };
      const observer = new MutationObserver((records) => {
        // What tells an age is written anew as time goes by.
        counted.nodes += records.filter(
          ({ target }) => !(target instanceof HTMLTimeElement),
        ).length;
      });
      for (const untouched of [...document.querySelectorAll('tbody.rows tr')].slice(100)) {
        observer.observe(untouched, { childList: true, subtree: true, attributes: true });
      }
      return counted;
    });
    const sessions = server.fleet.held().slice(0, 100);
    for (let round = 1; round <= 5; round++) {
      for (const session of sessions) session.save(round * 1000, 41_000_000);
    }
    sessions[99]?.enter('offline');
    await row(100).getByText('Offline').waitFor();
    await row(1).getByText('5.0 KB sent').waitFor();
    expect(await watched.evaluate(({ nodes }) => nodes)).toBe(0);
    await takePicture(page, 'list-of-300');
  });
});
