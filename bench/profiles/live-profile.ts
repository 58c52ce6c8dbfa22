import { cp } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import type { Device, StandIn } from '../../src/standin/index.js';
import { startStandIn } from '../built.js';
import { growth, sizesBelow } from '../measure/growth-watch.js';
import { openPage } from './browser.js';
import { type MadeProfile, SAVED_FOLDERS } from './made-profile.js';

const QUIET_MS = 3000;
const QUIET_LOOKS_AT_MOST = 20;

/** A copy of a made profile with a browser on it, linked and ready. */
export class LiveProfile {
  private constructor(
    readonly folder: string,
    readonly device: Device,
    private readonly standIn: StandIn,
    private readonly browser: Browser,
  ) {}

  static async open(made: MadeProfile, folder: string): Promise<LiveProfile> {
    await cp(made.folder, folder, { recursive: true });
    const standIn = await startStandIn({ page: { syncDelayMs: 500 } });
    const device = standIn.phone.addDevice(made.device);
    const { browser } = await openPage(folder, standIn.launchArgs);
    await device.waitUntilSynced();
    return new LiveProfile(folder, device, standIn, browser);
  }

  /** For a worker to connect to. */
  get endpoint(): string {
    return this.browser.wsEndpoint();
  }

  /** Resolves once the browser has written nothing to the saved folders for some seconds. */
  async quiet(): Promise<void> {
    let before = sizesBelow(this.folder, SAVED_FOLDERS);
    for (let looks = 0; looks < QUIET_LOOKS_AT_MOST; looks++) {
      await pause(QUIET_MS);
      const now = sizesBelow(this.folder, SAVED_FOLDERS);
      if (growth(before, now) === 0 && before.size === now.size) return;
      before = now;
    }
    throw new Error('the browser never came to rest');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.standIn.close();
  }
}
