import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { CHROMIUM } from '../../../standin/stand-in.js';

/** Where pictures of the views go, for people to look at; none are taken without it. */
const SCREENSHOTS = process.env.HOLDFAST_SCREENSHOTS;

let browser: Browser | undefined;
const contexts: BrowserContext[] = [];
const problems: string[] = [];

/** Gives the tests of a file a browser, and fails those after which its console is not empty. */
export function useBrowser(): void {
  beforeAll(async () => {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });
}

export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  if (!browser) throw new Error('useBrowser() was not called.');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    // A refused request is written there by the browser, whatever the page makes of it.
    const isRefusal = /^Failed to load resource: (the server responded|net::)/.test(message.text());
    if (!isRefusal) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  await page.goto(url);
  return page;
}

/** A page that has been logged in to by its form. */
export async function logIn(
  url: string,
  token: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await openPage(url, options);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  return page;
}

export const rowOf = (page: Page, id: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });

/** Chooses from the menu of a session's row, or of its page. */
export async function choose(page: Page, id: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${id}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

export async function takePicture(page: Page, name: string): Promise<void> {
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
