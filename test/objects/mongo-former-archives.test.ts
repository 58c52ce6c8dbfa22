import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Db } from 'mongodb';
import { Mongoose } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FormerArchive, FormerArchives } from '../../src/objects/former-archives.js';
import { handedDatabase } from '../../src/objects/mongo/mongo-source.js';
import type { MongoDatabase } from '../../src/objects/mongo/mongo-types.js';
import { MongoObjects } from '../../src/objects/mongo-objects.js';
import { limitRequests } from '../../src/objects/requests/limit-requests.js';
import { temporaryFolder } from '../profile/support/temporary-folder.js';
import { uniqueName, uriOf } from './support/mongo.js';

/** The package whose sessions are taken over. */
const { MongoStore: TheirStore } = createRequire(import.meta.url)('wwebjs-mongo') as {
  MongoStore: new (options: {
    mongoose: Mongoose;
  }) => {
    save(options: { session: string }): Promise<void>;
    sessionExists(options: { session: string }): Promise<boolean>;
  };
};

const SESSION = 'RemoteAuth-sales';

let mongoose: Mongoose;
let database: Db;
let dataPath: string;
const workingFolder = process.cwd();
beforeEach(async () => {
  mongoose = new Mongoose();
  await mongoose.connect(await uriOf(uniqueName()));
  database = mongoose.connection.db as unknown as Db;
  dataPath = path.join(await temporaryFolder(), '.wwebjs_auth');
  await mkdir(dataPath);
  // It reads the archive from there.
  process.chdir(dataPath);
});
afterEach(async () => {
  process.chdir(workingFolder);
  await mongoose.disconnect();
});

/** Saves an archive with their store, under the name that whatsapp-web.js tells it. */
async function saveAsTheirs(name: string, bytes = 600_000): Promise<Buffer> {
  const zip = randomBytes(bytes);
  await writeFile(`${name}.zip`, zip);
  await new TheirStore({ mongoose }).save({ session: name });
  return zip;
}

/** On a server that lists collections, which jongodb does not. */
function listing(...names: string[]): MongoDatabase {
  return listingBy(async () => names.map((name) => ({ name })));
}

function listingBy(toArray: () => Promise<unknown[]>): MongoDatabase {
  const { databaseName } = database;
  const collection = database.collection.bind(database) as MongoDatabase['collection'];
  return { databaseName, collection, listCollections: () => ({ toArray }) };
}

const bucket = (name: string) => [`whatsapp-${name}.chunks`, `whatsapp-${name}.files`];

function formerIn(from: MongoDatabase = database): FormerArchives {
  return new MongoObjects(handedDatabase(from), { dataPath }).formerArchives;
}

async function contentOf(archive: FormerArchive | null): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of archive?.read() ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('what wwebjs-mongo has saved', () => {
  it('is found by its name, and read as it was', async () => {
    const zip = await saveAsTheirs(SESSION);
    const found = await formerIn().find(SESSION);
    expect(found).toMatchObject({
      session: SESSION,
      place: `the GridFS bucket whatsapp-${SESSION}`,
      bytes: 600_000,
    });
    expect(Date.now() - (found?.savedAt?.getTime() ?? 0)).toBeLessThan(60_000);
    expect(Buffer.compare(await contentOf(found), zip)).toBe(0);
    expect(await formerIn().find('RemoteAuth')).toBe(null);
  });

  it('is read also when it is many chunks, or exactly some', async () => {
    for (const bytes of [1, 255 * 1024, 2 * 255 * 1024, 20 * 255 * 1024 + 1]) {
      const zip = await saveAsTheirs(SESSION, bytes);
      expect(Buffer.compare(await contentOf(await formerIn().find(SESSION)), zip)).toBe(0);
    }
  });

  it('under an absolute path is found by the data path', async () => {
    const zip = await saveAsTheirs(path.join(dataPath, SESSION));
    const found = await formerIn().find(SESSION);
    expect(found?.place).toContain(path.join(dataPath, SESSION));
    expect(Buffer.compare(await contentOf(found), zip)).toBe(0);
  });

  it('under any path is found where the server lists its collections; the newest counts', async () => {
    const elsewhere = path.join(path.dirname(dataPath), SESSION);
    const windows = `C:\\bot\\.wwebjs_auth\\${SESSION}`;
    await saveAsTheirs(SESSION, 1000);
    await saveAsTheirs(elsewhere, 2000);
    const zip = await saveAsTheirs(windows, 3000);
    const other = bucket(`${SESSION}-2`);
    const names = [...bucket(SESSION), ...bucket(elsewhere), ...bucket(windows), ...other];
    const former = formerIn(listing(...names, 'holdfast_objects', 'whatsapp-notes'));
    expect(Buffer.compare(await contentOf(await former.find(SESSION)), zip)).toBe(0);
    expect((await former.find(SESSION))?.bytes).toBe(3000);
  });

  it('is listed by session, the newest of each', async () => {
    await saveAsTheirs(SESSION);
    await saveAsTheirs('RemoteAuth', 1000);
    await saveAsTheirs(path.join(dataPath, SESSION), 2000);
    const buckets = [SESSION, 'RemoteAuth', path.join(dataPath, SESSION), 'RemoteAuth-empty'];
    const former = formerIn(listing('whatsapp-else.files', ...buckets.flatMap(bucket)));
    const listed = await former.list();
    expect(listed.map(({ session, bytes }) => [session, bytes])).toEqual([
      ['RemoteAuth', 1000],
      [SESSION, 2000],
    ]);
  });

  it('is deleted under every name, and nothing else', async () => {
    await saveAsTheirs(SESSION);
    await saveAsTheirs(path.join(dataPath, SESSION));
    await saveAsTheirs('RemoteAuth');
    await formerIn().delete(SESSION);
    expect(await formerIn().find(SESSION)).toBe(null);
    for (const name of [SESSION, path.join(dataPath, SESSION)].flatMap(bucket)) {
      expect(await database.collection(name).findOne({})).toBe(null);
    }
    expect(await formerIn().find('RemoteAuth')).not.toBe(null);
    await formerIn().delete(SESSION);
  });

  it('in two revisions is the newer one, unless that is not whole', async () => {
    const zip = await saveAsTheirs(SESSION, 300_000);
    const files = database.collection(`whatsapp-${SESSION}.files`);
    const { _id, ...entry } = (await files.findOne({})) ?? { _id: null };
    await files.insertOne({ ...entry, length: 400_000, uploadDate: new Date(Date.now() + 1000) });
    const found = await formerIn().find(SESSION);
    expect(Buffer.compare(await contentOf(found), zip)).toBe(0);
    const newer = await saveAsTheirs(SESSION, 500_000);
    await files.updateOne(
      { length: 500_000 },
      { $set: { uploadDate: new Date(Date.now() + 2000) } },
    );
    expect(Buffer.compare(await contentOf(await formerIn().find(SESSION)), newer)).toBe(0);
  });
});

describe('an archive that is not whole is an error that says where it is', () => {
  const damaged = {
    code: 'ARCHIVE_DAMAGED',
    message: expect.stringContaining(`whatsapp-${SESSION}`),
  };
  const chunks = () => database.collection(`whatsapp-${SESSION}.chunks`);

  it.each([0, 1, 2])('without chunk %i', async (n) => {
    await saveAsTheirs(SESSION);
    await chunks().deleteMany({ n });
    await expect(formerIn().find(SESSION)).rejects.toMatchObject(damaged);
  });

  it('without anything', async () => {
    await saveAsTheirs(SESSION, 0);
    await expect(formerIn().find(SESSION)).rejects.toMatchObject(damaged);
  });

  it.each([0, 1, 2])('with chunk %i cut short', async (n) => {
    await saveAsTheirs(SESSION);
    await chunks().updateOne({ n }, { $set: { data: Buffer.from('short') } });
    const found = await formerIn().find(SESSION);
    await expect(contentOf(found)).rejects.toMatchObject(damaged);
  });
});

describe('a server that', () => {
  const failing = (error: Error) => listingBy(() => Promise.reject(error));

  it('may not list its collections says so, and is not taken for one without archives', async () => {
    await saveAsTheirs(SESSION);
    const refusal = Object.assign(new Error('not authorized on test'), { code: 13 });
    const former = formerIn(failing(refusal));
    for (const work of [former.find(SESSION), former.list(), former.delete(SESSION)]) {
      await expect(work).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    }
  });

  it('cannot list them cannot tell which sessions there are', async () => {
    const unknown = Object.assign(new Error('no such command'), { code: 59 });
    const listed = formerIn(failing(unknown)).list();
    await expect(listed).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });

  it('is busy is asked again', async () => {
    const zip = await saveAsTheirs(SESSION);
    let refusals = 2;
    const busy = listingBy(async () => {
      if (refusals-- > 0) throw Object.assign(new Error('not primary'), { code: 10107 });
      return bucket(SESSION).map((name) => ({ name }));
    });
    const { formerArchives } = limitRequests(new MongoObjects(handedDatabase(busy)), {});
    const found = await formerArchives?.find(SESSION);
    expect(Buffer.compare(await contentOf(found ?? null), zip)).toBe(0);
    expect(refusals).toBeLessThan(0);
  });
});
