import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';
import { recordLog, table, versionEdit, writeBatches } from '../support/leveldb-writer.js';
import { capturer, check, DATABASE, makeProfile } from './support/small-profile.js';

/**
 * A manifest whose last sequence is that of the log's last write: a compaction has just been noted.
 * What comes after the log goes on without a gap, so nothing but the guard tells that it is missing.
 */
const MANIFEST = recordLog([
  versionEdit({
    comparator: 'idb_cmp1',
    logNumber: 6,
    nextFileNumber: 9,
    lastSequence: 110,
    newTables: [
      [0, 5, 300],
      [0, 7, 200],
    ],
  }),
]);
const FLUSHED = versionEdit({
  logNumber: 8,
  nextFileNumber: 10,
  lastSequence: 110,
  newTables: [[0, 9, 250]],
});

/** Chromium brings the log to a table, goes on in the next, and notes it by `note`. */
async function flush(dir: string, note: () => Promise<void>): Promise<void> {
  await writeFile(join(dir, '000009.ldb'), table(250));
  await writeFile(join(dir, '000008.log'), recordLog(writeBatches(111, 3)));
  await note();
  await rm(join(dir, '000006.log'));
}

describe('a log that is flushed just before the logs are listed is not missed', () => {
  it('when the manifest says so the second time', async () => {
    const setup = await makeProfile({ 'MANIFEST-000001': MANIFEST });
    const manifest = join(setup.dir, 'MANIFEST-000001');
    // After those of the profile, of what tells a change and of the tables, this is of the logs.
    const profile = await capturer(setup, async (call, path, times) => {
      if (call !== 'readdir' || !path.endsWith(DATABASE) || times !== 4) return;
      await flush(setup.dir, () => appendFile(manifest, encodeRecord(FLUSHED, MANIFEST.length)));
    }).capture();
    expect(profile.files.map(({ path }) => path)).toContain(`${DATABASE}/000009.ldb`);
    expect(await check(profile)).toEqual({ state: 'ok' });
    await profile.release();
  });

  it('when another manifest says so', async () => {
    const setup = await makeProfile({ 'MANIFEST-000001': MANIFEST });
    const profile = await capturer(setup, async (call, path, times) => {
      if (call !== 'readdir' || !path.endsWith(DATABASE) || times !== 4) return;
      await flush(setup.dir, async () => {
        const next = Buffer.concat([MANIFEST, encodeRecord(FLUSHED, MANIFEST.length)]);
        await writeFile(join(setup.dir, 'MANIFEST-000010'), next);
        await writeFile(join(setup.dir, 'CURRENT'), 'MANIFEST-000010\n');
      });
    }).capture();
    expect(profile.files.map(({ path }) => path)).toContain(`${DATABASE}/000009.ldb`);
    expect(await check(profile)).toEqual({ state: 'ok' });
    await profile.release();
  });
});

it.each([
  ['of another size than the manifest says', table(180)],
  ['that does not end as a table does', Buffer.alloc(200)],
])('a table %s is not captured', async (_what, bytes) => {
  const setup = await makeProfile();
  await writeFile(join(setup.dir, '000007.ldb'), bytes);
  await expect(capturer(setup).capture()).rejects.toMatchObject({ code: 'CAPTURE_FAILED' });
});

it('a cookie database that is half written when it is read is read again', async () => {
  const setup = await makeProfile();
  const file = join(setup.userDataDir, 'Default/Cookies');
  await writeFile(file, 'old old old old');
  const profile = await capturer(setup, async (call, path, times) => {
    if (call === 'readFile' && path === file && times === 1) await writeFile(file, 'new ne');
    if (call === 'stat' && path === file && times === 2) await writeFile(file, 'new new new new');
  }).capture();
  const cookies = profile.files.find(({ path }) => path === 'Default/Cookies');
  const content = Buffer.alloc(cookies?.size ?? 0);
  await cookies?.read(content, 0);
  expect(content.toString()).toBe('new new new new');
  expect((await readFile(file)).toString()).toBe('new new new new');
  await profile.release();
});
