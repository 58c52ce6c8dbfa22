import { expect, it } from 'vitest';
import { databaseFiles, recordLog, writeBatches } from '../support/leveldb-writer.js';
import { capturer, check, contentOf, DATABASE, makeProfile } from './support/small-profile.js';

const LOG = '000006.log';

it('a log with two gaps of its own is captured as it is', async () => {
  const log = recordLog([
    ...writeBatches(101, 3),
    ...writeBatches(110, 3),
    ...writeBatches(120, 3),
  ]);
  const profile = await capturer(await makeProfile({ [LOG]: log })).capture();
  expect(await contentOf(profile, `${DATABASE}/${LOG}`)).toEqual(log);
  await profile.release();
});

it('half a record that others were appended to is taken out, and no write with it', async () => {
  const first = recordLog(writeBatches(101, 5));
  const half = recordLog(writeBatches(106, 1)).subarray(0, 20);
  const rest = recordLog(writeBatches(106, 5));
  const log = Buffer.concat([first, half, rest]);
  const profile = await capturer(await makeProfile({ [LOG]: log })).capture();
  const whole = recordLog([...writeBatches(101, 5), ...writeBatches(106, 5)]);
  expect(await contentOf(profile, `${DATABASE}/${LOG}`)).toEqual(whole);
  expect(await check(profile)).toEqual({ state: 'ok' });
  await profile.release();
});

it('a damaged record in the middle of a log fails the capture, for a write would be lost', async () => {
  const log = recordLog(writeBatches(101, 10));
  const middle = Math.floor(log.length / 2);
  log.writeUInt8(log.readUInt8(middle) ^ 1, middle);
  const capture = capturer(await makeProfile({ [LOG]: log })).capture();
  await expect(capture).rejects.toMatchObject({ code: 'CAPTURE_FAILED' });
  await expect(capture).rejects.toThrow(`${LOG} is corrupt at byte`);
});

it('a manifest is captured up to its last whole edit', async () => {
  const torn = Buffer.from([1, 2, 3, 4]);
  const { 'MANIFEST-000001': whole } = databaseFiles();
  const profile = await capturer(
    await makeProfile({ 'MANIFEST-000001': Buffer.concat([whole, torn]) }),
  ).capture();
  expect(await contentOf(profile, `${DATABASE}/MANIFEST-000001`)).toEqual(whole);
  expect(await check(profile)).toEqual({ state: 'ok' });
  await profile.release();
});
