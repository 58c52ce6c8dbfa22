import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { onTestFinished } from 'vitest';

/** A real Chromium, as Puppeteer starts it and with nothing of ours in between. */
export async function startBrowser(userDataDir: string, ...args: string[]): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium',
    userDataDir,
    pipe: true,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
  });
  onTestFinished(() => browser.close());
  return browser;
}

/** Shows `url` in the browser's first page. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const [page = await browser.newPage()] = await browser.pages();
  await page.goto(url);
  return page;
}

/** Ends every process of the browser at once, as a power cut would. */
export async function killBrowser(browser: Browser): Promise<void> {
  const main = browser.process();
  if (main?.pid === undefined) throw new Error('the browser has no process');
  const exited = new Promise((resolve) => main.once('exit', resolve));
  // Puppeteer makes the browser the leader of a process group.
  process.kill(-main.pid, 'SIGKILL');
  await exited;
}
