import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/errors.js';
import { prepareProfile } from '../../src/profile/prepare-profile.js';
import { databaseFiles, writeDatabase } from './support/leveldb-writer.js';
import { temporaryFolder } from './support/temporary-folder.js';

const wholeLog = databaseFiles()['000006.log'];
const tornLog = wholeLog.subarray(0, -5);
const LOG = '000006.log';

const INDEXED_DB = 'Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb';
const OTHER_ORIGIN = 'Default/IndexedDB/https_other.example_0.indexeddb.leveldb';
const LOCAL_STORAGE = 'Default/Local Storage/leveldb';
const SESSION_STORAGE = 'Default/Session Storage';
const SERVICE_WORKER = 'Default/Service Worker/Database';
const BUCKET = 'Default/WebStorage/2/IndexedDB/indexeddb.leveldb';
const ALL = [INDEXED_DB, OTHER_ORIGIN, LOCAL_STORAGE, SESSION_STORAGE, SERVICE_WORKER, BUCKET];

let profile: string;
beforeEach(async () => {
  profile = await temporaryFolder();
});

describe('prepareProfile', () => {
  it('has nothing to do where there is no profile yet', async () => {
    expect(await prepareProfile(join(profile, 'missing'))).toEqual({ trimmed: [] });
    expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
    await mkdir(join(profile, 'Default', 'IndexedDB'), { recursive: true });
    expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
  });

  it('leaves a whole profile as it is', async () => {
    for (const database of ALL) await writeDatabase(join(profile, database));
    await writeFile(join(profile, 'Default/WebStorage/QuotaManager'), 'SQLite format 3\0');
    expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
    for (const database of ALL) expect(await log(database)).toEqual(wholeLog);
  });

  it.each(ALL)('cuts the torn end in %s', async (database) => {
    await writeDatabase(join(profile, database), { [LOG]: tornLog });
    const { trimmed } = await prepareProfile(profile);
    const file = join(profile, database, LOG);
    const { size } = await stat(file);
    expect(trimmed).toEqual([{ file, cutBytes: tornLog.length - size }]);
    expect(size).toBeLessThan(tornLog.length);
    expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
  });

  it.each([INDEXED_DB, OTHER_ORIGIN, LOCAL_STORAGE, BUCKET])(
    'refuses damage in %s, says where, and changes nothing anywhere',
    async (database) => {
      for (const other of ALL) await writeDatabase(join(profile, other), { [LOG]: tornLog });
      await rm(join(profile, database, '000005.ldb'));
      const error = await failure(prepareProfile(profile));
      expect(error.code).toBe('PROFILE_DAMAGED');
      expect(error.message).toContain(`${database}, table 000005.ldb is missing`);
      for (const other of ALL) expect(await log(other)).toEqual(tornLog);
    },
  );

  it.each([SESSION_STORAGE, SERVICE_WORKER])(
    'does not give up the login for damage in %s, which the browser rebuilds',
    async (database) => {
      await writeDatabase(join(profile, database), { CURRENT: undefined, [LOG]: tornLog });
      await writeDatabase(join(profile, INDEXED_DB), { [LOG]: tornLog });
      const { trimmed } = await prepareProfile(profile);
      expect(trimmed.map(({ file }) => file)).toEqual([join(profile, INDEXED_DB, LOG)]);
      expect(await log(database)).toEqual(tornLog);
    },
  );

  it.each([
    ['an origin', 'Default/IndexedDB/https_web.whatsapp.com_0/IZMNNK53V53URQLS'],
    ['a named bucket', 'Default/WebStorage/2/IndexedDB/IZMNNK53V53URQLS'],
    ['Local Storage', 'Default/LocalStorage'],
  ])('refuses a profile that keeps %s in SQLite', async (_, file) => {
    await writeDatabase(join(profile, OTHER_ORIGIN), { [LOG]: tornLog });
    await mkdir(join(profile, file, '..'), { recursive: true });
    await writeFile(join(profile, file), 'SQLite format 3\0 and more');
    const error = await failure(prepareProfile(profile));
    expect(error.code).toBe('PROFILE_LAYOUT_UNSUPPORTED');
    expect(error.message).toContain(file);
    expect(await log(OTHER_ORIGIN)).toEqual(tornLog);
  });

  it('takes no notice of an SQLite file for Local Storage that is left beside LevelDB', async () => {
    await writeDatabase(join(profile, LOCAL_STORAGE));
    await writeFile(join(profile, 'Default/LocalStorage'), 'SQLite format 3\0 and more');
    expect(await prepareProfile(profile)).toEqual({ trimmed: [] });
  });

  it('says that the path cannot be used when it is a file', async () => {
    const file = join(profile, 'file');
    await writeFile(file, '');
    const error = await failure(prepareProfile(file));
    expect(error.code).toBe('DATA_PATH_UNUSABLE');
    expect(error.cause).toMatchObject({ code: 'ENOTDIR' });
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('says so when the profile cannot be read', async () => {
    await writeDatabase(join(profile, INDEXED_DB));
    await chmod(join(profile, INDEXED_DB, LOG), 0);
    const error = await failure(prepareProfile(profile));
    expect(error.code).toBe('DATA_PATH_UNUSABLE');
    expect(error.cause).toMatchObject({ code: 'EACCES' });
  });
});

function log(database: string): Promise<Buffer> {
  return readFile(join(profile, database, LOG));
}

async function failure(promise: Promise<unknown>): Promise<HoldfastError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HoldfastError)) throw new Error('expected a HoldfastError');
  return error;
}
