import { type Browser, launch, type Page } from 'puppeteer-core';
import { chromium } from '../built.js';
import { onEnd } from '../cleanup.js';

/** Chromium arguments that lead to the stand-in, and what root needs. */
export function browserArgs(launchArgs: readonly string[]): string[] {
  return process.getuid?.() === 0 ? [...launchArgs, '--no-sandbox'] : [...launchArgs];
}

/** A browser on the stand-in's page, on a port so that a worker can connect to it too. */
export async function openPage(
  userDataDir: string,
  launchArgs: readonly string[],
): Promise<{ browser: Browser; page: Page }> {
  const browser = await launch({
    executablePath: chromium,
    userDataDir,
    args: browserArgs(launchArgs),
    // Ending on a signal is seen to in one place, for everything.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  onEnd(() => browser.process()?.kill('SIGKILL'));
  const [page = await browser.newPage()] = await browser.pages();
  await page.goto('https://web.whatsapp.com/');
  await page.waitForFunction('window.Debug?.VERSION !== undefined');
  return { browser, page };
}
