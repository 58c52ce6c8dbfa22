import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Device, StandIn, Traffic } from '../src/standin/index.js';
import { AckTimeline } from './ack-timeline.js';
import type { Options } from './options.js';
import type { WorkerEvent } from './worker/messages.js';
import type { WorkerProcess } from './worker-process.js';

/** One session that is kept through blow after blow, and what is known of its login. */
export class ChaosSession {
  readonly clientId: string;
  readonly name: string;
  device: Device | null = null;
  timeline: AckTimeline | null = null;
  /** A code was shown although the login was saved, or its disk was kept. */
  wasAskedInVain = false;
  dataPath: string;
  readonly #options: Options;
  readonly #standIn: StandIn;
  readonly #folder: string;
  #traffic: Traffic | null = null;
  #isSaved = false;
  /** Disks on which the login was accepted. */
  readonly #linkedPaths = new Set<string>();
  #isScanning = false;
  #disks = 0;

  constructor(number: number, folder: string, standIn: StandIn, options: Options) {
    this.clientId = `chaos${number}`;
    this.name = `RemoteAuth-${this.clientId}`;
    this.#folder = path.join(folder, this.clientId);
    this.#standIn = standIn;
    this.#options = options;
    this.dataPath = this.newDisk();
  }

  /** An empty data path, and its own temporary folder: what another machine would have. */
  newDisk(): string {
    const disk = path.join(this.#folder, `disk-${++this.#disks}`);
    const dataPath = path.join(disk, 'data');
    mkdirSync(dataPath, { recursive: true });
    mkdirSync(temporaryOf(dataPath));
    return dataPath;
  }

  /** Wiped disks, and those of workers that did not get the session. */
  removeOtherDisks(): void {
    const kept = path.dirname(this.dataPath);
    for (const name of readdirSync(this.#folder)) {
      const disk = path.join(this.#folder, name);
      if (disk !== kept) rmSync(disk, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  readonly onEvent = (event: WorkerEvent, worker: WorkerProcess): void => {
    if (event.event === 'saved') this.#isSaved = true;
    if (event.event === 'authenticated') this.#linkedPaths.add(worker.settings.dataPath);
    if (event.event !== 'qr') return;
    if (this.#isSaved || this.#linkedPaths.has(worker.settings.dataPath)) {
      this.wasAskedInVain = true;
    } else if (!this.#isScanning) {
      void this.#scan(event.qr);
    }
  };

  end(): void {
    this.timeline?.stop();
    this.#traffic?.end();
    this.device?.unlink();
  }

  async #scan(qr: string): Promise<void> {
    this.#isScanning = true;
    try {
      const device = await this.#standIn.phone.scan(qr);
      this.end();
      this.device = device;
      this.timeline = new AckTimeline(device);
      const { rate, bytes } = this.#options;
      this.#traffic = device.startTraffic({ perSecond: rate, bytes });
    } catch {
      // The page was struck while it was being linked; the next one shows a code again.
    } finally {
      this.#isScanning = false;
    }
  }
}

export function temporaryOf(dataPath: string): string {
  return path.join(path.dirname(dataPath), 'tmp');
}
