import { cp } from 'node:fs/promises';
import type { Browser } from 'puppeteer-core';
import type { Device, StandIn } from '../../src/standin/index.js';
import { startStandIn } from '../built.js';
import { openPage } from './browser.js';
import type { MadeProfile } from './made-profile.js';

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

  async close(): Promise<void> {
    await this.browser.close();
    await this.standIn.close();
  }
}
