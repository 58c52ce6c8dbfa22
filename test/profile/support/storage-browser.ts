import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { onTestFinished } from 'vitest';
import { puppeteerLivePage } from '../../../src/browser/live-page.js';
import type { WatchablePage } from '../../../src/profile/devtools-page.js';

/** A page to keep data under; the same address, so the same origin, for every start of a browser. */
export async function servePage(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Storage</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A real Chromium on the page of {@link servePage}, whose IndexedDB the test fills and reads. */
export class StorageBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  static async start(
    userDataDir: string,
    url: string,
    args: string[] = [],
  ): Promise<StorageBrowser> {
    const browser = await puppeteer.launch({
      executablePath: process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium',
      userDataDir,
      pipe: true,
      headless: true,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(url);
    return new StorageBrowser(browser, page);
  }

  /** Writes entries of 1 KB, each in a transaction of its own. */
  write(names: string[]): Promise<void> {
    return this.page.evaluate(async (keys) => {
      const database = await openDatabase();
      for (const key of keys) await putOne(database, key);

      function putOne(to: IDBDatabase, key: string): Promise<void> {
        return new Promise((resolve, reject) => {
          const transaction = to.transaction('entries', 'readwrite');
          transaction.objectStore('entries').put('x'.repeat(1000), key);
          transaction.oncomplete = () => resolve();
          transaction.onerror = () => reject(transaction.error);
        });
      }
      function openDatabase(): Promise<IDBDatabase> {
        return new Promise((resolve, reject) => {
          const request = indexedDB.open('data', 1);
          request.onupgradeneeded = () => request.result.createObjectStore('entries');
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      }
    }, names);
  }

  /** The names of all entries; none when the database is gone. */
  names(): Promise<string[]> {
    return this.page.evaluate(
      () =>
        new Promise<string[]>((resolve, reject) => {
          const request = indexedDB.open('data', 1);
          request.onupgradeneeded = () => request.result.createObjectStore('entries');
          request.onerror = () => reject(request.error);
          request.onsuccess = () => {
            const keys = request.result.transaction('entries').objectStore('entries').getAllKeys();
            keys.onerror = () => reject(keys.error);
            keys.onsuccess = () => {
              request.result.close();
              resolve(keys.result as string[]);
            };
          };
        }),
    );
  }

  /** Puts items into localStorage; a value of null removes. Not on disk before the browser closes. */
  setItems(items: [key: string, value: string | null][]): Promise<void> {
    return this.page.evaluate((entries) => {
      for (const [key, value] of entries) {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
      }
    }, items);
  }

  setCookie(name: string, value: string): Promise<void> {
    const expires = Math.floor(Date.now() / 1000) + 10_000;
    return this.browser.setCookie({ name, value, expires, domain: '127.0.0.1' });
  }

  /** All of localStorage, by key code units. */
  async items(): Promise<[key: string, value: string][]> {
    const entries = await this.page.evaluate(() => Object.entries({ ...localStorage }));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  livePage(): WatchablePage {
    return puppeteerLivePage(this.page);
  }

  goto(url: string): Promise<unknown> {
    return this.page.goto(url);
  }

  /** Writes to IndexedDB and localStorage without an end; resolves when 16 KB were written `times` times. */
  async keepWriting(times: number): Promise<void> {
    await this.page.evaluate(() => {
      const progress = { written: 0 };
      Object.assign(window, { progress });
      const request = indexedDB.open('load', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('entries');
      request.onsuccess = () => {
        const database = request.result;
        const next = () => {
          const transaction = database.transaction('entries', 'readwrite');
          const bytes = crypto.getRandomValues(new Uint8Array(16 * 1024));
          transaction.objectStore('entries').put(bytes, progress.written % 2000);
          transaction.oncomplete = () => {
            progress.written += 1;
            localStorage.setItem(`entry ${progress.written % 50}`, String(progress.written));
            next();
          };
        };
        for (let parallel = 0; parallel < 8; parallel++) next();
      };
    });
    await this.page.waitForFunction(
      (least) => ((window as { progress?: { written: number } }).progress?.written ?? 0) >= least,
      { polling: 20, timeout: 50_000 },
      times,
    );
  }

  /** Ends every process of the browser at once, as a power cut would. */
  async kill(): Promise<void> {
    const main = this.browser.process();
    if (main?.pid === undefined) throw new Error('the browser has no process');
    const exited = new Promise((resolve) => main.once('exit', resolve));
    // Puppeteer makes the browser the leader of a process group.
    process.kill(-main.pid, 'SIGKILL');
    await exited;
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
