import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Browser } from 'puppeteer-core';
import { isGroupRunning, signalProcess } from '../system/processes.js';

/** How long a browser may take to flush and close before it is killed. */
const CLOSE_PATIENCE_MS = 10_000;
/** Helpers of a closed browser end within milliseconds; one that does not has lost its way. */
const HELPERS_PATIENCE_MS = 2_000;

/** Closes a launched browser and waits until none of its processes is left. */
export async function endBrowserProcess(browser: Browser): Promise<void> {
  const child = browser.process();
  const kill = () => killBrowser(child);
  const hung = setTimeout(kill, CLOSE_PATIENCE_MS);
  try {
    // Rejects when the browser is dead already: then there is nothing to close.
    await browser.close().catch(kill);
  } finally {
    clearTimeout(hung);
  }
  if (child?.pid !== undefined) await waitForGroup(child.pid, kill);
}

/** Waits until none of the processes of a browser is left that somebody else has begun to close. */
export async function untilBrowserEnded(browser: Browser): Promise<void> {
  const child = browser.process();
  if (child?.pid === undefined) return;
  const kill = () => killBrowser(child);
  const hung = setTimeout(kill, CLOSE_PATIENCE_MS);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(hung);
  await waitForGroup(child.pid, kill);
}

/** Kills a launched browser and its helpers at once. */
export function killBrowser(child: ChildProcess | null): void {
  if (child?.pid !== undefined) signalProcess(groupOf(child.pid), 'SIGKILL');
}

async function waitForGroup(pid: number, kill: () => void): Promise<void> {
  // Windows has no process groups; there a browser's job object ends its helpers.
  if (process.platform === 'win32') return;
  const patience = setTimeout(kill, HELPERS_PATIENCE_MS);
  const giveUp = Date.now() + 2 * HELPERS_PATIENCE_MS;
  while (Date.now() < giveUp && (await isGroupRunning(pid))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  clearTimeout(patience);
}

/** Puppeteer starts the browser as the leader of a process group of its own, not on Windows. */
function groupOf(pid: number): number {
  return process.platform === 'win32' ? pid : -pid;
}
