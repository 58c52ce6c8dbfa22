import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Device, StandIn } from '../../src/standin/index.js';
import { type Use, useOf, useOfGroup } from '../measure/process-group.js';
import { browserArgs } from '../profiles/browser.js';
import type { SessionCommands } from '../workers/sessions-holdfast.js';
import { Worker } from '../workers/worker.js';

export interface KeeperSettings {
  name: string;
  worker: string;
  isLean: boolean;
}

/** What one session takes: its browser, and its share of the process that keeps it. */
export interface SessionUse {
  browser: Use;
  nodeMemoryBytes: number | null;
  nodeCpuSeconds: number;
}

/** Some sessions of one library, in one process. */
export class SessionKeeper {
  readonly devices: Device[] = [];
  #browsers: number[] = [];

  private constructor(
    private readonly settings: KeeperSettings,
    private readonly worker: Worker<SessionCommands>,
  ) {}

  static async start(settings: KeeperSettings): Promise<SessionKeeper> {
    return new SessionKeeper(settings, await Worker.start<SessionCommands>(settings.worker));
  }

  get name(): string {
    return this.settings.name;
  }

  /** Links so many new sessions, one after the other, each with a phone of its own. */
  async link(sessions: number, standIn: StandIn, runFolder: string): Promise<void> {
    const folder = path.join(runFolder, this.name.replace(/\W+/g, '-'));
    await mkdir(folder);
    const args = browserArgs(standIn.launchArgs);
    const { isLean } = this.settings;
    for (let n = 1; n <= sessions; n++) {
      const settings = { clientId: `session-${n}`, folder, args, isLean };
      const { qr } = await this.worker.call('start', settings);
      const device = await standIn.addPhone(nextNumber()).scan(qr);
      await device.waitUntilSynced();
      this.devices.push(device);
    }
    this.#browsers = (await this.worker.call('untilReady', null)).browsers;
  }

  use(): SessionUse[] {
    const node = useOf([this.worker.pid]);
    const sessions = this.#browsers.length;
    return this.#browsers.map((browser) => ({
      browser: useOfGroup(browser),
      nodeMemoryBytes: node.memoryBytes === null ? null : node.memoryBytes / sessions,
      nodeCpuSeconds: node.cpuSeconds / sessions,
    }));
  }

  async end(): Promise<void> {
    await this.worker.call('end', null).finally(() => this.worker.stop());
  }
}

let lastNumber = 12025560000;

function nextNumber(): string {
  return String(++lastNumber);
}
