import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CapturedProfile } from '../../../src/profile/capture/captured-profile.js';
import { encodeRecord } from '../../../src/profile/leveldb/record-log-writer.js';
import type { LivePage, LiveValues } from '../../../src/profile/live-values.js';
import {
  databaseFiles,
  recordLog,
  table,
  versionEdit,
  writeBatches,
} from '../support/leveldb-writer.js';
import { fault, type Script } from '../support/scripted-files.js';
import {
  BLOBS,
  CACHED,
  capturer,
  check,
  contentOf,
  DATABASE,
  makeProfile,
  openHandles,
  type Setup,
} from './support/small-profile.js';

describe.each([
  ['by handles', (): Script => () => undefined],
  ['by links when there are no more handles', (): Script => outOfHandles()],
  ['by copies where there are no links', (): Script => outOfHandles('EPERM')],
  ['by copies on another device', (): Script => outOfHandles('EXDEV')],
])('files are held on to %s', (_how, script) => {
  it('so that what the browser deletes afterwards is still whole; nothing is left in the end', async () => {
    const setup = await makeProfile();
    const profile = await capturer(setup, script()).capture();
    await rm(join(setup.dir, '000005.ldb'));
    await rm(join(setup.userDataDir, BLOBS), { recursive: true });
    await appendFile(join(setup.dir, '000006.log'), 'more that does not count');
    expect(await contentOf(profile, `${DATABASE}/000005.ldb`)).toEqual(table(300));
    expect((await contentOf(profile, `${BLOBS}/1/00/2`)).toString()).toBe('blob');
    const { '000006.log': log } = databaseFiles();
    expect(await contentOf(profile, `${DATABASE}/000006.log`)).toEqual(log);
    await profile.release();
    expect(await openHandles(setup.userDataDir)).toEqual([]);
    const pins = await readdir(join(setup.userDataDir, 'holdfast-pins')).catch(() => []);
    expect(pins).toEqual([]);
  });
});

/** Only pinning is refused: reading what was pinned by name opens another path. */
function outOfHandles(linkFault?: string): Script {
  return (call, path) => {
    if (call === 'open' && /leveldb|blob/.test(path)) throw fault('EMFILE');
    if (call === 'link' && linkFault) throw fault(linkFault);
  };
}

it('what a killed process has left of links is gone after the next capture', async () => {
  const setup = await makeProfile();
  await mkdir(join(setup.userDataDir, 'holdfast-pins'));
  await writeFile(join(setup.userDataDir, 'holdfast-pins/0'), 'left');
  await (await capturer(setup).capture()).release();
  expect(await readdir(setup.userDataDir)).toEqual(['Default']);
});

describe('a database that changes while it is captured', () => {
  it.each<[string, (setup: Setup) => Script]>([
    [
      'a table that is listed and then deleted by a compaction',
      ({ dir }) =>
        async (call, path, times) => {
          if (call === 'stat' && path.endsWith('000005.ldb') && times === 1) await compact(dir);
        },
    ],
    [
      'a manifest that is replaced',
      ({ dir }) =>
        async (call, path, times) => {
          if (call === 'readFile' && path.endsWith('MANIFEST-000001') && times === 1) {
            await rename(join(dir, 'MANIFEST-000001'), join(dir, 'MANIFEST-000010'));
            await writeFile(join(dir, 'CURRENT'), 'MANIFEST-000010\n');
          }
        },
    ],
    [
      'a log that is flushed to a table between the two looks at the manifest',
      ({ dir }) =>
        async (call, path, times) => {
          if (call === 'open' && path.endsWith('000006.log') && times === 1) await flush(dir);
        },
    ],
    [
      'a table that is shorter than the manifest says, for a moment',
      ({ dir }) =>
        async (call, path, times) => {
          if (call !== 'stat' || !path.endsWith('000007.ldb')) return;
          if (times === 1) await truncate(join(dir, '000007.ldb'), 100);
          if (times === 2) await writeFile(join(dir, '000007.ldb'), table(200));
        },
    ],
    ...['EBUSY', 'EPERM', 'EACCES'].map((code): [string, (setup: Setup) => Script] => [
      `a file that another program keeps closed for a while (${code})`,
      () => (_call, path, times) => {
        if (/000007|000006|MANIFEST|\/2$/.test(path) && times <= 3) throw fault(code);
      },
    ]),
  ])('is captured whole: %s', async (_what, script) => {
    const setup = await makeProfile();
    const profile = await capturer(setup, script(setup)).capture();
    expect(await check(profile)).toEqual({ state: 'ok' });
    await profile.release();
    expect(await openHandles(setup.userDataDir)).toEqual([]);
  });

  it.each(['EBUSY', 'EPERM', 'EACCES', 'EMFILE'])(
    'does without no file and no folder that is busy for a while (%s)',
    async (code) => {
      const setup = await makeProfile();
      const profile = await capturer(setup, (call, path, times) => {
        const isSeen = call === 'readdir' || path.endsWith(CACHED);
        if (isSeen && times <= 2) throw fault(code);
      }).capture();
      expect((await contentOf(profile, CACHED)).toString()).toBe('cached');
      expect(await check(profile)).toEqual({ state: 'ok' });
      await profile.release();
    },
  );

  it.each([
    ['half a record at its end', Buffer.from([1, 2, 3]), 0],
    ['a record that is being written', databaseFiles()['000006.log'].subarray(0, 20), 0],
  ])('is captured up to the last whole record of a log with %s', async (_what, torn) => {
    const { '000006.log': log } = databaseFiles();
    const setup = await makeProfile({ '000006.log': Buffer.concat([log, torn]) });
    const profile = await capturer(setup).capture();
    expect(await contentOf(profile, `${DATABASE}/000006.log`)).toEqual(log);
    await profile.release();
  });

  it('is captured with a gap in its sequence that is always there, and without one that passes', async () => {
    const withGap = recordLog([...writeBatches(101, 3), ...writeBatches(110, 3)]);
    const own = await makeProfile({ '000006.log': withGap });
    const profile = await capturer(own).capture();
    expect(await contentOf(profile, `${DATABASE}/000006.log`)).toEqual(withGap);
    await profile.release();

    const passing = await makeProfile({ '000006.log': withGap });
    const whole = recordLog(writeBatches(101, 15));
    const again = await capturer(passing, async (call, path, times) => {
      if (call === 'open' && path.endsWith('000006.log') && times === 2) {
        await writeFile(join(passing.dir, '000006.log'), whole);
      }
    }).capture();
    expect(await contentOf(again, `${DATABASE}/000006.log`)).toEqual(whole);
    await again.release();
  });

  it.each<[string, Record<string, undefined | Buffer>, Script]>([
    ['a table is missing', { '000007.ldb': undefined }, () => undefined],
    ['its log is missing', { '000006.log': undefined }, () => undefined],
    [
      'a file is kept closed for ever',
      {},
      (_call, path) => {
        if (path.endsWith('000007.ldb')) throw fault('EBUSY');
      },
    ],
  ])('is not captured when %s, and nothing is left open', async (_what, files, script) => {
    const setup = await makeProfile(files);
    const capture = capturer(setup, script).capture();
    await expect(capture).rejects.toMatchObject({ code: 'CAPTURE_FAILED', transient: true });
    await expect(capture).rejects.toThrow(DATABASE);
    expect(await openHandles(setup.userDataDir)).toEqual([]);
  });
});

describe('what is known from the capture before', () => {
  const known = (profile: CapturedProfile) => {
    const stamps = new Map(profile.files.map(({ path, stamp }) => [path, stamp]));
    return (path: string, stamp: string) => stamps.get(path) === stamp;
  };

  it('is not opened again', async () => {
    const setup = await makeProfile();
    const opened: string[] = [];
    const twice = capturer(setup, (call, path) => {
      if (call === 'open') opened.push(path);
    });
    const first = await twice.capture();
    await first.release();
    opened.length = 0;
    const second = await twice.capture(known(first));
    await second.release();
    expect(opened).toEqual([]);
    expect(second.files.map(({ path }) => path)).toEqual(first.files.map(({ path }) => path));
  });

  it('is not taken for a database that was made anew under the same names', async () => {
    const setup = await makeProfile();
    const twice = capturer(setup);
    const first = await twice.capture();
    await first.release();
    const other = recordLog(
      writeBatches(101, 10)
        .reverse()
        .map((_, at, all) => all[9 - at] as Buffer),
    );
    // In place, so that names, sizes and inodes are the same.
    await writeFile(join(setup.dir, '000006.log'), Buffer.from(other).fill(0));
    await writeFile(join(setup.dir, '000006.log'), changed(other));
    const second = await twice.capture(known(first)).catch((error: Error) => error);
    if (second instanceof Error) throw second;
    const stamp = ({ files }: CapturedProfile) =>
      files.find(({ path }) => path.endsWith('000006.log'))?.stamp;
    expect(stamp(second)).not.toBe(stamp(first));
    await second.release();
  });

  it('does not hide a file that was written twice within one tick of the clock', async () => {
    const setup = await makeProfile();
    const twice = capturer(setup);
    const first = await twice.capture();
    // The time of the file is now: another write may leave size and time as they are.
    expect(first.files.find(({ path }) => path === CACHED)?.stamp).toBeNull();
    await first.release();
  });
});

/** The same records with another key in the first. */
function changed(log: Buffer): Buffer {
  const batches = writeBatches(101, 10);
  batches[0] = Buffer.from(
    batches[0]?.toString('latin1').replace('key 0', 'yek 0') ?? '',
    'latin1',
  );
  const other = recordLog(batches);
  expect(other).toHaveLength(log.length);
  return other;
}

describe('live values', () => {
  const valuesOf = (text: string): LiveValues => ({
    localStorage: [{ origin: 'https://web.whatsapp.com', items: [['key', text]] }],
    cookies: [],
  });
  const pageOf = (...texts: (string | Error)[]): LivePage & { reads: number } => {
    const page = {
      reads: 0,
      readLiveValues: async () => {
        const text = texts[Math.min(page.reads++, texts.length - 1)] as string | Error;
        if (text instanceof Error) throw text;
        return valuesOf(text);
      },
    };
    return page;
  };

  it.each<[string, (string | Error)[], unknown]>([
    ['that hold still', ['a'], { state: 'included', values: valuesOf('a') }],
    [
      'that hold still the second time',
      ['a', 'b', 'b'],
      { state: 'included', values: valuesOf('b') },
    ],
    [
      'that never hold still: those from before the files',
      ['a', 'b', 'c', 'd', 'e', 'f'],
      { state: 'included', values: valuesOf('c') },
    ],
    [
      'whose page dies after a change',
      ['a', 'b', new Error('the page is gone')],
      { state: 'included', values: valuesOf('b') },
    ],
    [
      'whose page dies while the files are captured',
      ['a', new Error('the page is gone')],
      { state: 'included', values: valuesOf('a') },
    ],
    [
      'whose page dies after two changes',
      ['a', 'b', 'c', new Error('the page is gone')],
      { state: 'included', values: valuesOf('c') },
    ],
    [
      'that cannot be read',
      [new Error('the page is gone')],
      { state: 'unavailable', reason: 'the page is gone' },
    ],
  ])('%s are captured as what they are', async (_what, texts, expected) => {
    const profile = await capturer(await makeProfile(), undefined, pageOf(...texts)).capture();
    expect(profile.live).toEqual(expected);
    await profile.release();
  });

  it('of a running browser are missed when no page was given; of a closed one they are not needed', async () => {
    const setup = await makeProfile();
    const closed = await capturer(setup).capture();
    expect(closed.live).toEqual({ state: 'not-needed' });
    await closed.release();
    await symlink(`${hostname()}-${process.pid}`, join(setup.userDataDir, 'SingletonLock'));
    const open = await capturer(setup).capture();
    expect(open.live).toMatchObject({ state: 'unavailable' });
    await open.release();
  });
});

it('a blob that is deleted between the two looks is in the capture, and so is one that comes', async () => {
  const setup = await makeProfile();
  const profile = await capturer(setup, async (call, path, times) => {
    if (call !== 'readFile' || !path.endsWith('CURRENT') || times !== 1) return;
    await rm(join(setup.userDataDir, BLOBS, '1/00/2'));
    await writeFile(join(setup.userDataDir, BLOBS, '1/00/3'), 'new');
  }).capture();
  expect((await contentOf(profile, `${BLOBS}/1/00/2`)).toString()).toBe('blob');
  expect((await contentOf(profile, `${BLOBS}/1/00/3`)).toString()).toBe('new');
  await profile.release();
});

/** Chromium merges both tables into a third and deletes them. */
async function compact(dir: string): Promise<void> {
  const edits = [
    versionEdit({
      comparator: 'idb_cmp1',
      logNumber: 6,
      nextFileNumber: 12,
      lastSequence: 100,
      newTables: [[1, 9, 400]],
    }),
  ];
  await writeFile(join(dir, '000009.ldb'), table(400));
  await writeFile(join(dir, 'MANIFEST-000001'), recordLog(edits));
  await rm(join(dir, '000005.ldb'));
  await rm(join(dir, '000007.ldb'));
}

/** Chromium writes what is in the log to a table, goes on in another log, and deletes the first. */
async function flush(dir: string): Promise<void> {
  const { 'MANIFEST-000001': before } = databaseFiles();
  const edit = versionEdit({
    logNumber: 8,
    nextFileNumber: 10,
    lastSequence: 110,
    newTables: [[0, 9, 250]],
  });
  await writeFile(join(dir, '000009.ldb'), table(250));
  await writeFile(join(dir, '000008.log'), recordLog(writeBatches(111, 3)));
  const manifest = await readFile(join(dir, 'MANIFEST-000001'));
  expect(manifest).toEqual(before);
  await appendFile(join(dir, 'MANIFEST-000001'), encodeRecord(edit, manifest.length));
  await rm(join(dir, '000006.log'));
}
