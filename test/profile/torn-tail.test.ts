import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecordLog } from '../../src/profile/leveldb/record-log.js';
import { prepareProfile } from '../../src/profile/prepare-profile.js';
import { listStorageDatabases } from '../../src/profile/storage-databases.js';
import { StorageBrowser, servePage } from './support/storage-browser.js';
import { temporaryFolder } from './support/temporary-folder.js';

const before = entryNames('before', 200);

describe('a browser that was killed while half a record was on disk', () => {
  it('still has everything but that record after three more starts when each is prepared', async () => {
    const profile = await temporaryFolder();
    const url = await servePage();
    await leaveHalfARecord(profile, url);

    const { trimmed } = await prepareProfile(profile);
    expect(trimmed).toHaveLength(1);
    expect(trimmed[0]).toMatchObject({ file: expect.stringMatching(/indexeddb\.leveldb.*\.log$/) });
    expect(trimmed[0]?.cutBytes).toBeGreaterThan(0);

    const starts = await startThreeTimes(profile, url, prepareProfile);
    const kept = before.slice(0, -1);
    expect(starts).toEqual([
      kept.sort(),
      [...kept, ...entryNames('start 0', 20)].sort(),
      [...kept, ...entryNames('start 0', 20), ...entryNames('start 1', 20)].sort(),
    ]);
  });

  it('is saved even after one start that was not prepared', async () => {
    const profile = await temporaryFolder();
    const url = await servePage();
    await leaveHalfARecord(profile, url);
    const browser = await StorageBrowser.start(profile, url);
    await browser.write(entryNames('unprepared', 20));
    await browser.kill();

    const starts = await startThreeTimes(profile, url, prepareProfile);
    const kept = [...before.slice(0, -1), ...entryNames('unprepared', 20)].sort();
    expect(starts[0]).toEqual(kept);
    expect(starts[2]).toEqual(expect.arrayContaining(kept));
  });

  it('loses everything within three starts when they are not prepared', async () => {
    const profile = await temporaryFolder();
    const url = await servePage();
    await leaveHalfARecord(profile, url);

    const starts = await startThreeTimes(profile, url, async () => {});
    // What makes the preparation needed: the first start seems fine.
    expect(starts[0]).toEqual(before.slice(0, -1).sort());
    expect(starts[2]).not.toEqual(expect.arrayContaining(before.slice(0, 1)));
  });
});

async function leaveHalfARecord(profile: string, url: string): Promise<void> {
  const browser = await StorageBrowser.start(profile, url);
  await browser.write(before);
  await browser.kill();

  // The last record of the size of an entry: small ones of IndexedDB's own come after it.
  const log = await newestLog(profile);
  const bytes = await readFile(log);
  let end = bytes.length;
  let start = startOfLastRecord(bytes, end);
  while (end - start < 1000) {
    end = start;
    start = startOfLastRecord(bytes, end);
  }
  await truncate(log, Math.floor((start + end) / 2));
}

function startOfLastRecord(log: Buffer, end: number): number {
  return readRecordLog(log.subarray(0, end - 1)).wholeEnd;
}

/** The entries found at each start; each one adds 20. One ends by closing, the others by kill -9. */
async function startThreeTimes(
  profile: string,
  url: string,
  prepare: (profile: string) => Promise<unknown>,
): Promise<string[][]> {
  const found: string[][] = [];
  for (let start = 0; start < 3; start++) {
    await prepare(profile);
    const browser = await StorageBrowser.start(profile, url);
    found.push(await browser.names());
    await browser.write(entryNames(`start ${start}`, 20));
    if (start === 1) await browser.close();
    else await browser.kill();
  }
  return found;
}

async function newestLog(profile: string): Promise<string> {
  const databases = await listStorageDatabases(profile);
  const indexedDB = databases.find(({ dir }) => dir.endsWith('.indexeddb.leveldb'));
  if (!indexedDB) throw new Error('the browser made no IndexedDB');
  const logs = (await readdir(indexedDB.dir)).filter((name) => name.endsWith('.log')).sort();
  return join(indexedDB.dir, logs.at(-1) ?? '');
}

function entryNames(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix} ${String(n).padStart(3, '0')}`);
}
