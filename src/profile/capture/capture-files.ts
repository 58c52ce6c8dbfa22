import path from 'node:path';
import { allEnded } from './all-ended.js';
import type { CapturedFile } from './captured-profile.js';
import type { Pin, Pins } from './pin.js';
import { isBusy, isMissing, type ProfileFiles, ProfileMoved } from './profile-files.js';
import { retryWhile } from './retry.js';
import { stampOf, tellingText } from './stamp.js';

/**
 * Captures single files that pages and service workers keep: entries of caches, files of the origin
 * private file system. They are written in place, and no two of them belong together; Chromium
 * drops an entry of a cache whose checksum does not fit. So each is read when it is stored, and
 * read again if it was written meanwhile. One that is gone by then is left out.
 */
export async function captureChangingFiles(
  files: ProfileFiles,
  userDataDir: string,
  paths: readonly string[],
): Promise<CapturedFile[]> {
  const captured = await Promise.all(
    paths.map(async (each) => {
      try {
        return await changingFile(files, path.join(userDataDir, each), each);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    }),
  );
  return captured.filter((file) => file !== null);
}

async function changingFile(files: ProfileFiles, file: string, name: string) {
  const stampNow = async () =>
    stampOf(await retryWhile(isBusy, () => files.stat(file, { bigint: true })));
  const stamp = await stampNow();
  const captured: CapturedFile = {
    path: name,
    size: stamp.size,
    kind: 'changing',
    identity: stamp.identity,
    stamp: tellingText(stamp),
    read: async (target, position) => {
      const handle = await retryWhile(isBusy, () => files.open(file, 'r'));
      try {
        const { bytesRead } = await handle.read(target, 0, target.length, position);
        if (bytesRead < target.length) throw new ProfileMoved(`${name} became shorter`);
      } finally {
        await handle.close();
      }
    },
    isSettled: async () => (await stampNow()).text === stamp.text,
  };
  return captured;
}

/**
 * Adds files that are written once and then only deleted, IndexedDB's blobs, to `into`. Called
 * before the database that refers to them is captured and once more after: what it refers to was
 * there at one of the two times.
 */
export async function captureBlobs(
  context: { files: ProfileFiles; pins: Pins; isStored(path: string, stamp: string): boolean },
  userDataDir: string,
  paths: readonly string[],
  into: Map<string, { file: CapturedFile; pin: Pin | null }>,
): Promise<void> {
  await allEnded(
    paths.map(async (name) => {
      const known = into.get(name);
      try {
        const file = path.join(userDataDir, name);
        const stamp = stampOf(await context.files.stat(file, { bigint: true }));
        if (known?.file.stamp === stamp.text) return;
        const pin = context.isStored(name, stamp.text) ? null : await context.pins.pin(file);
        into.set(name, { file: blobFile(name, pin, stamp.text, stamp.size), pin });
        await known?.pin?.release();
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }),
  );
}

function blobFile(name: string, pin: Pin | null, stamp: string, size: number): CapturedFile {
  return {
    path: name,
    size: pin?.stamp.size ?? size,
    kind: 'fixed',
    identity: '',
    stamp: pin?.stamp.text ?? stamp,
    read: async (target, position) => {
      if (!pin) throw new Error(`${name} was stored already and is not read again`);
      await pin.read(target, position);
    },
    isSettled: async () => true,
  };
}
