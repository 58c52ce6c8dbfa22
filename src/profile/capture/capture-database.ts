import path from 'node:path';
import { LevelDBFormatError } from '../leveldb/byte-reader.js';
import { CURRENT, isManifestName, isTableName, tableNames } from '../leveldb/file-names.js';
import { judgeLogs, type LiveLog, liveLogNames, scanLog } from '../leveldb/live-log.js';
import { requireNeverUsed } from '../leveldb/manifest.js';
import { readRecordLog } from '../leveldb/record-log.js';
import { decodeFooter, FOOTER_SIZE } from '../leveldb/table-format.js';
import { withoutDamage } from '../leveldb/trim-database.js';
import { replayVersionEdits, type Version } from '../leveldb/version.js';
import { allEnded } from './all-ended.js';
import type { CapturedFile } from './captured-profile.js';
import { memoryFile } from './memory-file.js';
import type { Pin, Pins } from './pin.js';
import { isMissing, type ProfileFiles, ProfileMoved } from './profile-files.js';
import { type FileStamp, stampOf } from './stamp.js';

/** What capturing databases needs to know. */
export interface DatabaseCaptureContext {
  userDataDir: string;
  files: ProfileFiles;
  pins: Pins;
  /** True for a table that is stored already and so need not be held on to. */
  isStored(path: string, stamp: string): boolean;
}

/** A LevelDB directory at one moment. */
export interface CapturedDatabase {
  files: CapturedFile[];
  /** Lets go of the files. */
  release(): Promise<void>;
}

/** Gaps in the sequence numbers, as the places where they are; the same again are no accident. */
export class SequenceGap extends ProfileMoved {
  constructor(readonly place: string) {
    super(`the sequence numbers have a gap ${place}`);
  }
}

/**
 * Captures the LevelDB database in `folder` (relative to the user data dir) while Chromium writes
 * it, in one try.
 *
 * Tables never change, so holding on to one is having its bytes, also when compaction deletes it.
 * They are pinned before the MANIFEST that names them is read. A log only grows, and is deleted
 * once the MANIFEST says that its writes are in tables: so the MANIFEST is read again after the
 * logs, and if its log number has moved, a log may have vanished unread. What Chromium was about
 * to append when a file was read is cut off, since a half record at a log's end makes Chromium
 * throw the database away at the second opening.
 *
 * Throws {@link ProfileMoved} (and whatever the file system says of files that come and go) when
 * the database changed under the capture's hands.
 *
 * @param acceptGap a gap that was found at the same place before: it is the database's own
 */
export async function captureDatabase(
  folder: string,
  context: DatabaseCaptureContext,
  acceptGap: string | null = null,
): Promise<CapturedDatabase> {
  const pinned = new Map<string, Pin>();
  const release = async () => {
    const all = [...pinned.values()];
    pinned.clear();
    for (const pin of all) await pin.release();
  };
  try {
    const files = await new DatabaseCapture(folder, context, pinned, acceptGap).run();
    return { files, release };
  } catch (error) {
    await release();
    if (error instanceof LevelDBFormatError) throw new ProfileMoved(error.message);
    throw error;
  }
}

class DatabaseCapture {
  readonly #dir: string;
  /** Of tables that need no pin: once seen, they may as well be deleted. */
  readonly #storedTables = new Map<string, FileStamp>();

  constructor(
    private readonly folder: string,
    private readonly context: DatabaseCaptureContext,
    private readonly pinned: Map<string, Pin>,
    private readonly acceptGap: string | null,
  ) {
    this.#dir = path.join(context.userDataDir, folder);
  }

  async run(): Promise<CapturedFile[]> {
    await this.#pinTables();
    const current = await this.#readCurrent();
    if (current === null) return [];
    const manifestName = current.subarray(0, -1).toString('latin1');
    if (current.at(-1) !== 0x0a || !isManifestName(manifestName)) {
      throw new ProfileMoved(`${CURRENT} names no manifest`);
    }
    const manifest = await this.#pin(manifestName);
    const edits = readEdits(await manifest.readToEnd());

    const logs = await this.#readLogs(edits.version);
    const again = readEdits(await this.context.files.readFile(this.#file(manifestName)));
    if (
      again.version.logNumber !== edits.version.logNumber ||
      again.version.previousLogNumber !== edits.version.previousLogNumber
    ) {
      throw new ProfileMoved('a log was flushed meanwhile');
    }
    this.#judge(logs, edits.version);

    const tables = await this.#tables(edits.version);
    if (!(await this.context.files.readFile(this.#file(CURRENT))).equals(current)) {
      throw new ProfileMoved(`${CURRENT} changed`);
    }
    return [
      ...tables,
      ...logs.map(({ log, pin, bytes }) => this.#logFile(log, pin, bytes)),
      this.#growingFile(manifestName, manifest.stamp, edits.wholeEnd),
      memoryFile(`${this.folder}/${CURRENT}`, current, manifestName),
    ];
  }

  /** Null while the database is being created: nothing was written to it yet. */
  async #readCurrent(): Promise<Buffer | null> {
    try {
      return await this.context.files.readFile(this.#file(CURRENT));
    } catch (error) {
      if (!isMissing(error)) throw error;
      const names = await this.context.files.readdir(this.#dir);
      if (names.includes(CURRENT)) throw new ProfileMoved(`${CURRENT} came just now`);
      requireNeverUsed(names);
      return null;
    }
  }

  async #pinTables(): Promise<void> {
    const names = (await this.context.files.readdir(this.#dir)).filter(isTableName);
    await allEnded(
      names.map(async (name) => {
        try {
          if (!(await this.#isStoredTable(name))) await this.#pin(name);
        } catch (error) {
          // Whether it is missed, the MANIFEST will say.
          if (!isMissing(error)) throw error;
        }
      }),
    );
  }

  async #readLogs({ logNumber, previousLogNumber }: Version) {
    const names = await this.context.files.readdir(this.#dir);
    const logs: { log: LiveLog; pin: Pin; bytes: Uint8Array }[] = [];
    for (const name of liveLogNames(names, { logNumber, previousLogNumber })) {
      const pin = await this.#pin(name);
      const bytes = await pin.readToEnd();
      logs.push({ log: scanLog(name, bytes), pin, bytes });
    }
    return logs;
  }

  #judge(logs: { log: LiveLog }[], version: Version): void {
    const scanned = logs.map(({ log }) => log);
    // Only the newest log is written to: a torn end of another is not Chromium's doing just now.
    judgeLogs(scanned, version);
    const gaps: string[] = [];
    let next: number | null = null;
    for (const { name, batches } of scanned) {
      for (const { sequence, count } of batches) {
        const isGap = next === null ? sequence > version.lastSequence + 1 : sequence !== next;
        if (isGap) gaps.push(`before ${sequence} in ${name}`);
        next = sequence + count;
      }
    }
    const place = gaps.join(', ');
    if (gaps.length > 0 && place !== this.acceptGap) throw new SequenceGap(place);
  }

  async #tables(version: Version): Promise<CapturedFile[]> {
    return allEnded(
      [...version.tables].map(async ([number, { size }]): Promise<CapturedFile> => {
        const name = await this.#presentTable(number);
        const pin = this.pinned.get(name);
        const stamp = pin?.stamp ?? this.#storedTables.get(name);
        if (stamp?.size !== size) throw new ProfileMoved(`${name} has not the manifest's size`);
        if (pin) await requireFooter(pin);
        return {
          path: `${this.folder}/${name}`,
          size,
          kind: 'fixed' as const,
          identity: stamp.identity,
          stamp: stamp.text,
          read: (target, position) => this.#read(name, target, position),
          isSettled: async () => true,
        };
      }),
    );
  }

  /** The name under which a live table is here, pinned unless it is stored already. */
  async #presentTable(number: number): Promise<string> {
    const [usual, old] = tableNames(number);
    for (const name of [usual, old]) {
      if (this.pinned.has(name)) return name;
    }
    for (const name of [usual, old]) {
      try {
        if (!(await this.#isStoredTable(name))) await this.#pin(name);
        return name;
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    throw new ProfileMoved(`${usual} is gone`);
  }

  async #isStoredTable(name: string): Promise<boolean> {
    if (this.#storedTables.has(name)) return true;
    const stamp = stampOf(await this.context.files.stat(this.#file(name), { bigint: true }));
    if (!this.context.isStored(`${this.folder}/${name}`, stamp.text)) return false;
    this.#storedTables.set(name, stamp);
    return true;
  }

  /** A file that was stored already, or was let go of, is opened for the occasion. */
  async #read(name: string, target: Uint8Array, position: number): Promise<void> {
    const held = this.pinned.get(name);
    if (held) return held.read(target, position);
    const pin = await this.context.pins.pin(this.#file(name));
    try {
      await pin.read(target, position);
    } finally {
      await pin.release();
    }
  }

  async #pin(name: string): Promise<Pin> {
    const pin = await this.context.pins.pin(this.#file(name));
    await this.pinned.get(name)?.release();
    this.pinned.set(name, pin);
    return pin;
  }

  #logFile(log: LiveLog, pin: Pin, bytes: Uint8Array): CapturedFile {
    const isWhole = log.batches.every(({ damage }) => damage === undefined);
    return isWhole
      ? this.#growingFile(log.name, pin.stamp, log.wholeEnd)
      : memoryFile(`${this.folder}/${log.name}`, withoutDamage(bytes), null);
  }

  /** A file that is appended to, up to the end of its last whole record. */
  #growingFile(name: string, stamp: FileStamp, size: number): CapturedFile {
    return {
      path: `${this.folder}/${name}`,
      size,
      kind: 'growing',
      identity: stamp.identity,
      // The stamp is from before the file was read, and so a little older than what was read.
      // Its size and time are in it, since a database that is deleted and made anew has logs of
      // the same names, and may well get the same inodes and sizes.
      stamp: `${stamp.text}.${size}`,
      read: (target, position) => this.#read(name, target, position),
      isSettled: async () => true,
    };
  }

  #file(name: string): string {
    return path.join(this.#dir, name);
  }
}

/** The MANIFEST up to its last whole edit; Chromium may be writing another just now. */
function readEdits(bytes: Uint8Array): { version: Version; wholeEnd: number } {
  const log = readRecordLog(bytes);
  if (log.tail === 'corrupt') throw new ProfileMoved('the manifest is corrupt');
  return { version: replayVersionEdits(log.records), wholeEnd: log.wholeEnd };
}

/** Throws LevelDBFormatError. */
async function requireFooter(pin: Pin): Promise<void> {
  if (pin.stamp.size < FOOTER_SIZE) throw new ProfileMoved('a table is too short');
  const footer = Buffer.alloc(FOOTER_SIZE);
  await pin.read(footer, pin.stamp.size - FOOTER_SIZE);
  decodeFooter(footer);
}
