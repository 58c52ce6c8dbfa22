import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as standInModule from '../../src/standin/index.js';
import type { StandIn, StandInOptions } from '../../src/standin/index.js';

/** The compiled build, whose page is compiled too; another one than `dist` for trying things. */
const BUILD = path.resolve(process.env.HOLDFAST_BUILD ?? 'dist');

export const CHROMIUM = process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium';

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const url = pathToFileURL(path.join(BUILD, 'standin/index.js')).href;
  const module: typeof standInModule = await import(url);
  return module.startStandIn(options);
}

/** Chromium arguments that lead to the stand-in, and what root needs. */
export function browserArgs(standIn: StandIn): string[] {
  return process.getuid?.() === 0 ? [...standIn.launchArgs, '--no-sandbox'] : standIn.launchArgs;
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-standin-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
