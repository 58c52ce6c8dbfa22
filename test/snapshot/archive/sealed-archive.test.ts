import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  isSealedArchive,
  isWholeSealedArchive,
  openArchive,
  requireKey,
  sealArchive,
} from '../../../src/snapshot/archive/sealed-archive.js';
import type { EncryptionKey } from '../../../src/snapshot/encryption-key.js';
import { temporaryFolder } from '../../profile/support/temporary-folder.js';
import { KEY, rejection } from '../support/sessions.js';

const session = 'RemoteAuth-shop';
const RECORD = 1024 * 1024;
const TAG = 16;

async function sealed(content: Buffer, key: EncryptionKey = KEY) {
  const folder = await temporaryFolder();
  const [plain, file, opened] = ['plain', 'sealed', 'opened'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(plain, content);
  await sealArchive(plain, file, session, key);
  return { folder, file, opened, bytes: await readFile(file) };
}

async function refused(
  { folder, file, opened }: Awaited<ReturnType<typeof sealed>>,
  bytes: Buffer,
  codes: string[] = ['ARCHIVE_DAMAGED'],
) {
  await writeFile(file, bytes);
  const error = await rejection(openArchive(file, opened, session, KEY));
  expect(codes).toContain(error.code);
  expect(await readdir(folder)).not.toContain('opened');
}

it.each([0, 1, 1000, RECORD - 1, RECORD, RECORD + 1, 3 * RECORD])(
  '%i bytes come back',
  async (size) => {
    const content = randomBytes(size);
    const { file, opened, bytes } = await sealed(content);
    await openArchive(file, opened, session, KEY);
    expect((await readFile(opened)).equals(content)).toBe(true);
    for (const each of [file, opened]) expect((await stat(each)).mode & 0o077).toBe(0);
    if (size >= 1000) expect(bytes.includes(content.subarray(0, 16))).toBe(false);
    expect(await isSealedArchive(file)).toBe(true);
    expect(await isWholeSealedArchive(file)).toBe(true);
  },
);

it('cut at any byte it does not open, and is not whole', async () => {
  const archive = await sealed(randomBytes(300));
  for (let length = 0; length < archive.bytes.length; length++) {
    await refused(archive, archive.bytes.subarray(0, length));
    expect(await isWholeSealedArchive(archive.file)).toBe(false);
  }
  await refused(archive, Buffer.concat([archive.bytes, Buffer.alloc(1)]));
});

it('with any byte changed it does not open', async () => {
  const archive = await sealed(randomBytes(300));
  const other = ['ARCHIVE_DAMAGED', 'FORMAT_UNSUPPORTED'];
  const keyEnd = archive.bytes.indexOf('\n');
  for (let at = 0; at < archive.bytes.length; at++) {
    const changed = Buffer.from(archive.bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(archive, changed, at < keyEnd ? other : undefined);
  }
});

it('records that were exchanged, dropped, doubled or of another archive do not open', async () => {
  const archive = await sealed(randomBytes(3 * RECORD));
  const { bytes } = archive;
  const start = bytes.length - 3 * (RECORD + TAG);
  const header = bytes.subarray(0, start);
  const record = (index: number, of = bytes) =>
    of.subarray(start + index * (RECORD + TAG), start + (index + 1) * (RECORD + TAG));
  const join = (...parts: Buffer[]) => Buffer.concat([header, ...parts]);
  await refused(archive, join(record(1), record(0), record(2)));
  await refused(archive, join(record(0), record(0), record(2)));
  await refused(archive, join(record(0), record(1)));
  const other = (await sealed(randomBytes(3 * RECORD))).bytes;
  await refused(archive, join(record(0), record(1, other), record(2)));
  // Shortened with its length changed to fit: no record was sealed for that.
  const shorter = Buffer.from(join(record(0), record(1)));
  shorter.writeBigUInt64LE(BigInt(2 * RECORD), start - 8);
  await refused(archive, shorter);
  await writeFile(archive.file, bytes);
  await openArchive(archive.file, archive.opened, session, KEY);
});

it.each([
  ['32 bytes', KEY, randomBytes(32)],
  ['a passphrase', 'correct horse', 'correct house'],
  [
    '{ wrap, unwrap }',
    { wrap: (key: Uint8Array) => key, unwrap: (key: Uint8Array) => key },
    { wrap: (key: Uint8Array) => key, unwrap: (key: Uint8Array) => key.map((byte) => byte ^ 1) },
  ],
] as [string, EncryptionKey, EncryptionKey][])(
  '%s opens it, another does not',
  async (_, key, wrong) => {
    const content = randomBytes(100);
    const { file, opened } = await sealed(content, key);
    await rejection(openArchive(file, opened, session, wrong), 'KEY_WRONG');
    await rejection(requireKey(file, session, wrong), 'KEY_WRONG');
    await rejection(requireKey(file, session, undefined), 'KEY_MISSING');
    await requireKey(file, session, key);
    await openArchive(file, opened, session, key);
    expect(await readFile(opened)).toEqual(content);
  },
);

it('is what docs/format.md says, to a reader made of that alone', async () => {
  const content = randomBytes(RECORD + 500);
  const { bytes } = await sealed(content);
  expect(bytes.toString('latin1', 0, 4)).toBe('HFSA');
  expect(bytes.readUInt32LE(4)).toBe(1);
  const keyEnd = 12 + bytes.readUInt32LE(8);
  const cell = JSON.parse(bytes.toString('utf8', 12, keyEnd).split('\n')[0] ?? '');
  expect(cell).toMatchObject({ session, generation: 1, kind: 'raw' });
  const open = (key: Uint8Array, nonce: Uint8Array, aad: string, stored: Buffer) => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad));
    decipher.setAuthTag(stored.subarray(-TAG));
    return Buffer.concat([decipher.update(stored.subarray(0, -TAG)), decipher.final()]);
  };
  const wrapped = Buffer.from(cell.wrapped, 'base64url');
  const purpose = `holdfast 1 data key\0${session}`;
  const dataKey = open(KEY, wrapped.subarray(0, 12), purpose, wrapped.subarray(12));
  const key = Buffer.from(hkdfSync('sha256', dataKey, session, 'holdfast 1 archive', 32));
  const size = Number(bytes.readBigUInt64LE(keyEnd));
  expect(size).toBe(content.length);
  const aad = `holdfast 1 archive\0${session}\0${size}\0`;
  const [first, second] = [Buffer.alloc(12), Buffer.from([1, ...Buffer.alloc(11)])];
  const middle = keyEnd + 8 + RECORD + TAG;
  const opened = [
    open(key, first, `${aad}more`, bytes.subarray(keyEnd + 8, middle)),
    open(key, second, `${aad}last`, bytes.subarray(middle)),
  ];
  expect(Buffer.concat(opened).equals(content)).toBe(true);
});

it('opens for its session only', async () => {
  const { file, opened } = await sealed(randomBytes(100));
  await rejection(openArchive(file, opened, 'RemoteAuth-other', KEY), 'ARCHIVE_DAMAGED');
});

it('a zip is not sealed, and something else is damaged', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'file');
  await writeFile(file, 'PK\x03\x04 and so on');
  await rejection(openArchive(file, join(folder, 'opened'), session, KEY), 'SESSION_NOT_SEALED');
  await requireKey(file, session, undefined);
  expect(await isSealedArchive(file)).toBe(false);
  await writeFile(file, '<html>503</html>');
  await rejection(openArchive(file, join(folder, 'opened'), session, KEY), 'ARCHIVE_DAMAGED');
});
