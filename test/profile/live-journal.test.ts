import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WatchablePage } from '../../src/profile/devtools-page.js';
import { LiveJournal } from '../../src/profile/live-journal.js';
import { journalFile, readJournal } from '../../src/profile/live-journal-file.js';
import { prepareProfile } from '../../src/profile/prepare-profile.js';
import { recoverLiveValues } from '../../src/profile/recover-live-values.js';
import { StorageBrowser, servePage } from './support/storage-browser.js';
import { temporaryFolder } from './support/temporary-folder.js';

let profile: string;
let url: string;
beforeEach(async () => {
  profile = await temporaryFolder();
  url = await servePage();
});

interface Run {
  browser: StorageBrowser;
  journal: LiveJournal;
}

async function startRun(): Promise<Run> {
  const browser = await StorageBrowser.start(profile, url);
  const journal = await LiveJournal.start(profile, browser.livePage());
  onTestFinished(() => journal.stop());
  return { browser, journal };
}

/** Until the journal holds this item. */
async function untilKept(key: string, value: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const areas = (await readJournal(profile))?.localStorage ?? [];
      expect(areas.flatMap(({ items }) => items)).toContainEqual([key, value]);
    },
    { timeout: 45_000, interval: 10 },
  );
}

/** What the next start of a browser finds, after the preparation that comes before it. */
async function itemsAtNextStart(): Promise<[string, string][]> {
  await prepareProfile(profile);
  await recoverLiveValues(profile);
  const browser = await StorageBrowser.start(profile, url);
  const items = await browser.items();
  await browser.close();
  return items;
}

describe('what a browser held in memory when it was killed', () => {
  it('is there at the next start: what was set, changed and removed', async () => {
    const first = await StorageBrowser.start(profile, url);
    await first.setItems([
      ['changed', 'old'],
      ['removed', 'old'],
    ]);
    await first.close();

    const { browser } = await startRun();
    await browser.setItems([
      ['changed', 'new'],
      ['removed', null],
      ['set \ud800', '日本'],
    ]);
    await untilKept('set \ud800', '日本');
    await browser.kill();
    const kept = [
      ['changed', 'new'],
      ['set \ud800', '日本'],
    ];
    expect(await itemsAtNextStart()).toEqual(kept);
    expect(await itemsAtNextStart()).toEqual(kept);
  });

  it('is there although an earlier run had crashed, and although the page went elsewhere', async () => {
    const crashed = await startRun();
    await crashed.browser.kill();
    const { browser } = await startRun();
    await browser.setItems([['a', '1']]);
    await untilKept('a', '1');
    await browser.goto('about:blank');
    await browser.kill();
    expect(await itemsAtNextStart()).toEqual([['a', '1']]);
  });

  it('comes with the cookies', async () => {
    const { browser } = await startRun();
    await browser.setItems([['a', '1']]);
    await browser.setCookie('name', 'value');
    // A cookie alone is not told; the next change takes it along.
    await browser.setItems([['b', '1']]);
    await untilKept('b', '1');
    await vi.waitFor(
      async () => expect((await readJournal(profile))?.cookies).toHaveLength(1),
      45_000,
    );
    await browser.kill();
    expect(await recoverLiveValues(profile)).toEqual([expect.objectContaining({ name: 'name' })]);
  });
});

describe('what the browser has written to disk itself', () => {
  it('is not undone by an older journal, after a clean end', async () => {
    const { browser, journal } = await startRun();
    await browser.setItems([
      ['a', 'old'],
      ['b', 'old'],
    ]);
    await untilKept('b', 'old');
    // As when node is killed alone: nobody keeps the journal any more.
    await journal.stop();
    await browser.setItems([
      ['a', 'new'],
      ['b', null],
    ]);
    await browser.close();
    expect(await itemsAtNextStart()).toEqual([['a', 'new']]);
  });

  it('is not undone in its cookies, which the browser has written then', async () => {
    const { browser, journal } = await startRun();
    await browser.setCookie('name', 'old');
    await browser.setItems([['a', '1']]);
    await untilKept('a', '1');
    await journal.stop();
    await browser.setCookie('name', 'new');
    await browser.close();
    expect((await readJournal(profile))?.cookies).toMatchObject([{ value: 'old' }]);
    expect(await recoverLiveValues(profile)).toEqual([]);
  });

  it('is not undone either when the run before had crashed', async () => {
    const crashed = await startRun();
    await crashed.browser.setItems([['a', 'older still']]);
    await untilKept('a', 'older still');
    await crashed.browser.kill();
    await recoverLiveValues(profile);

    const { browser, journal } = await startRun();
    await browser.setItems([['a', 'old']]);
    await untilKept('a', 'old');
    await journal.stop();
    await browser.setItems([['a', 'new']]);
    await browser.close();
    expect(await itemsAtNextStart()).toEqual([['a', 'new']]);
  });

  it('by another program voids the journal, which goes', async () => {
    const { browser } = await startRun();
    await browser.setItems([['a', 'of the killed run']]);
    await untilKept('a', 'of the killed run');
    await browser.kill();
    const other = await StorageBrowser.start(profile, url);
    await other.setItems([['a', 'of another program']]);
    await other.close();

    await recoverLiveValues(profile);
    expect(existsSync(journalFile(profile))).toBe(false);
    expect(await itemsAtNextStart()).toEqual([['a', 'of another program']]);
  });
});

describe('the journal', () => {
  it.each<[string, (bytes: Buffer) => Buffer | string]>([
    ['cut off', (bytes) => bytes.subarray(0, -10)],
    ['changed', (bytes) => Buffer.from(bytes.toString('latin1').replace('secret', 'forged'))],
    ['empty', () => ''],
    ['something else', () => '{"localStorage":[]}\n{}\n'],
  ])('that is %s is none, and goes', async (_, damage) => {
    const { browser, journal } = await startRun();
    await browser.setItems([['a', 'secret']]);
    await untilKept('a', 'secret');
    await journal.stop();
    await browser.kill();
    await writeFile(journalFile(profile), damage(await readFile(journalFile(profile))));
    expect(await recoverLiveValues(profile)).toEqual([]);
    expect(existsSync(journalFile(profile))).toBe(false);
  });

  it('that cannot even be opened as a file stops nothing', async () => {
    await mkdir(journalFile(profile));
    expect(await recoverLiveValues(profile)).toEqual([]);
    expect(existsSync(journalFile(profile))).toBe(false);
  });

  it('is for its owner only', async () => {
    const { browser } = await startRun();
    await browser.setItems([['a', '1']]);
    await untilKept('a', '1');
    expect((await stat(journalFile(profile))).mode & 0o777).toBe(0o600);
    await browser.close();
  });

  it('that cannot be written is written once it can, and disturbs nobody till then', async () => {
    await StorageBrowser.start(profile, url).then((browser) => browser.kill());
    // Stands for a full disk: the temporary file cannot be made.
    const obstacle = `${journalFile(profile)}.tmp`;
    await mkdir(`${obstacle}/in the way`, { recursive: true });
    const page = new FakePage();
    const journal = await LiveJournal.start(profile, page);
    onTestFinished(() => journal.stop());
    await page.untilRead(2);
    expect(await readJournal(profile)).toBeUndefined();
    await rm(obstacle, { recursive: true });
    await untilKept('changes', '0');
  });

  it('is written at once, then at most every 200 ms, and not after the end', async () => {
    await StorageBrowser.start(profile, url).then((browser) => browser.kill());
    const page = new FakePage();
    const journal = await LiveJournal.start(profile, page);
    await page.untilRead(1);
    page.change(100);
    await page.untilRead(2);
    page.change(100);
    await page.untilRead(3);
    const [first, second, third] = page.readTimes as [number, number, number];
    expect(second - first).toBeGreaterThan(190);
    expect(third - second).toBeGreaterThan(190);
    await untilKept('changes', '200');
    await journal.stop();
    expect(page.isClosed).toBe(true);
    page.change(1);
    expect(page.listeners).toBe(0);
    expect(page.readTimes).toHaveLength(3);
  });
});

/** A page whose changes the test makes. */
class FakePage implements WatchablePage {
  readonly readTimes: number[] = [];
  isClosed = false;
  #changes = 0;
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  change(times: number): void {
    for (let n = 0; n < times; n++) {
      this.#changes += 1;
      for (const listener of this.#listeners) listener();
    }
  }

  untilRead(times: number): Promise<void> {
    return vi.waitFor(() => expect(this.readTimes.length).toBeGreaterThanOrEqual(times), {
      timeout: 45_000,
      interval: 5,
    });
  }

  async readLiveValues() {
    this.readTimes.push(performance.now());
    const items: [string, string][] = [['changes', String(this.#changes)]];
    return { localStorage: [{ origin: 'https://fake.example', items }], cookies: [] };
  }

  async onChange(listener: () => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close() {
    this.isClosed = true;
  }
}
