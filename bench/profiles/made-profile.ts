import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceRecord } from '../../src/standin/index.js';
import { startStandIn } from '../built.js';
import { bytesBelow } from '../measure/files.js';
import { cache } from '../paths.js';
import { openPage } from './browser.js';
import { linkPage } from './scan.js';

/** Raised when profiles are made differently: those made before are then made anew. */
const RECIPE = 1;
const PATIENCE_MS = 300_000;
const ENOUGH = 0.97;
const ROUNDS_AT_MOST = 5;

/** A linked profile with a history of a size, closed properly. Copied, never opened itself. */
export interface MadeProfile {
  /** What was asked for: megabytes of IndexedDB. */
  megabytes: number;
  folder: string;
  /** Bytes in IndexedDB and Local Storage: what all peers save. */
  bytes: number;
  device: DeviceRecord;
}

interface Label {
  recipe: number;
  chromium: string;
  device: DeviceRecord;
}

/** What all peers save, in the profile's folder. */
export const SAVED_FOLDERS = ['Default/IndexedDB', 'Default/Local Storage'] as const;

export function savedBytes(profile: string): number {
  return SAVED_FOLDERS.reduce((sum, folder) => sum + bytesBelow(path.join(profile, folder)), 0);
}

/** The profile of a size: the one of an earlier run, or a new one, made by the page itself. */
export async function madeProfile(megabytes: number, chromium: string): Promise<MadeProfile> {
  const place = path.join(cache, 'profiles', `${megabytes}-mb`);
  let label = readLabel(place);
  if (label?.recipe !== RECIPE || label.chromium !== chromium) {
    await rm(place, { recursive: true, force: true });
    const making = `${place}.making`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    const device = await make(path.join(making, 'profile'), megabytes * 1e6);
    label = { recipe: RECIPE, chromium, device };
    await writeFile(path.join(making, 'label.json'), JSON.stringify(label));
    await rename(making, place);
  }
  const folder = path.join(place, 'profile');
  return { megabytes, folder, bytes: savedBytes(folder), device: label.device };
}

async function make(folder: string, bytes: number): Promise<DeviceRecord> {
  const standIn = await startStandIn({ page: { syncDelayMs: 50 } });
  const { browser, page } = await openPage(folder, standIn.launchArgs);
  const device = await linkPage(page, standIn.phone);
  await browser.close();
  const withBrowser = async (use: () => Promise<unknown>) => {
    const opened = await openPage(folder, standIn.launchArgs);
    await device.waitUntilSynced();
    await use();
    await opened.browser.close();
  };
  // LevelDB tidies up when it is opened, which takes some of what has just been added.
  for (let round = 0; round < ROUNDS_AT_MOST && savedBytes(folder) < ENOUGH * bytes; round++) {
    await withBrowser(() => device.growHistory({ bytes }, { timeoutMs: PATIENCE_MS }));
    await withBrowser(async () => undefined);
  }
  const { lost, corruption } = device;
  if (lost > 0 || corruption.length > 0) throw new Error(`the profile is damaged: ${corruption}`);
  const record = device.record();
  await standIn.close();
  return record;
}

function readLabel(place: string): Label | undefined {
  const file = path.join(place, 'label.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
