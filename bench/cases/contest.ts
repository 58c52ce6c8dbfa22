import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { compare, type Inventory, takeInventory } from '../measure/changes.js';
import { bytesBelow } from '../measure/files.js';
import { type OpenPeer, type Peer, SESSION } from '../peers/peer.js';
import { LiveProfile } from '../profiles/live-profile.js';
import { type MadeProfile, SAVED_FOLDERS, savedBytes } from '../profiles/made-profile.js';
import type { Figures, Results } from '../report/results.js';
import { watched } from './watched.js';

export interface Contestant {
  peer: Peer;
  open: OpenPeer;
  store: string;
}

/** Some peers on one live profile, each with a store of its own. */
export class Contest {
  #inventory: Inventory = new Map();
  #restores = 0;

  private constructor(
    readonly live: LiveProfile,
    readonly contestants: Contestant[],
    private readonly made: MadeProfile,
    private readonly runFolder: string,
    private readonly results: Results,
  ) {}

  /** Those that cannot take part are in the results with the reason. */
  static async open(
    peers: readonly Peer[],
    made: MadeProfile,
    runFolder: string,
    results: Results,
  ): Promise<Contest> {
    const profile = path.join(runFolder, 'data', SESSION);
    const contestants: Contestant[] = [];
    for (const peer of peers) {
      const own = path.join(runFolder, peer.name.replace(/\W+/g, '-'));
      const store = path.join(own, 'store');
      await mkdir(store, { recursive: true });
      try {
        const reason = await peer.unavailable();
        if (reason !== undefined) results.skip(`${peer.name}: ${reason}`);
        else {
          const open = await peer.open({ profile, store, work: path.join(own, 'work') });
          contestants.push({ peer, open, store });
        }
      } catch (error) {
        results.fail({ size: made.megabytes, peer: peer.name, operation: 'getting ready' }, error);
      }
    }
    const live = await LiveProfile.open(made, profile);
    const contest = new Contest(live, contestants, made, runFolder, results);
    for (const { peer, open } of contestants) {
      await open
        .attach(live.endpoint)
        .catch((error) => contest.#fail(peer, 'getting ready', error));
    }
    contest.changes();
    return contest;
  }

  /** What has changed in the profile's saved folders since this was last asked. */
  changes(): Figures {
    const before = this.#inventory;
    const base = this.live.folder;
    this.#inventory = takeInventory(base, SAVED_FOLDERS, before);
    const { rewritten, appended } = compare(base, before, this.#inventory);
    return { changedBytes: rewritten + appended, appendedBytes: appended };
  }

  /** Saves and keeps the figures. */
  async save(contestant: Contestant, operation: string, more: Figures = {}): Promise<void> {
    const { open, peer, store } = contestant;
    try {
      const figures = await watched(this.runFolder, () => open.save());
      await open.tidy?.();
      const storeBytes = peer.isOnServer ? null : bytesBelow(store);
      const storeShare = storeBytes === null ? null : storeBytes / savedBytes(this.live.folder);
      const all = { ...figures, storeBytes, storeShare, ...more };
      this.results.add(this.#rowOf(peer, operation), all);
    } catch (error) {
      this.#fail(peer, operation, error);
    }
  }

  /** Restores into an empty folder, looks whether about everything is there, and removes it. */
  async restore({ open, peer }: Contestant, operation: string): Promise<void> {
    const folder = path.join(this.runFolder, `restored-${++this.#restores}`);
    await mkdir(folder);
    try {
      let profile = folder;
      const figures = await watched(this.runFolder, async () => {
        const done = await open.restore(folder);
        profile = done.profile;
        return done;
      });
      const restored = savedBytes(profile);
      const expected = savedBytes(this.live.folder);
      if (restored < 0.9 * expected) {
        throw new Error(`only ${restored} of about ${expected} bytes were there afterwards`);
      }
      this.results.add(this.#rowOf(peer, operation), { ...figures, bytesSent: null });
    } catch (error) {
      this.#fail(peer, operation, error);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async close(): Promise<void> {
    for (const { peer, open } of this.contestants) {
      await open.close().catch((error) => this.#fail(peer, 'ending', error));
    }
    await this.live.close();
  }

  #fail(peer: Peer, operation: string, error: unknown): void {
    this.results.fail(this.#rowOf(peer, operation), error);
  }

  #rowOf(peer: Peer, operation: string) {
    return { size: this.made.megabytes, peer: peer.name, operation };
  }
}
