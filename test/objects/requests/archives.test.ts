import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/errors.js';
import type { FormerArchive, FormerArchives } from '../../../src/objects/former-archives.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { limitRequests } from '../../../src/objects/requests/limit-requests.js';
import type { RequestLimits } from '../../../src/objects/requests/request-limits.js';
import { rejection } from '../../snapshot/support/sessions.js';

const session = 'RemoteAuth-sales';
const CONTENT = Buffer.from('what whatsapp-web.js has left');

/** One archive, of whose requests some fail; each request is noted. */
class FailingArchives implements FormerArchives {
  readonly asked: string[] = [];
  failures: (HoldfastError | null)[] = [];
  pieceBytes = 5;

  async find(): Promise<FormerArchive | null> {
    this.#ask('find');
    const place = 'somewhere';
    const read = (from?: number) => this.#read(from);
    return { session, place, bytes: CONTENT.length, savedAt: null, read };
  }

  async list(): Promise<FormerArchive[]> {
    this.#ask('list');
    return [(await this.find()) as FormerArchive];
  }

  async delete(): Promise<void> {
    this.#ask('delete');
  }

  async *#read(from = 0): AsyncIterable<Uint8Array> {
    for (let at = from; at < CONTENT.length; at += this.pieceBytes) {
      this.#ask(`read ${at}`);
      yield CONTENT.subarray(at, at + this.pieceBytes);
    }
  }

  #ask(what: string): void {
    this.asked.push(what);
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

class WithArchives extends MemoryObjects {
  constructor(readonly formerArchives: FormerArchives) {
    super();
  }
}

function behindLimits(archives: FormerArchives, limits: RequestLimits = {}): FormerArchives {
  const found = limitRequests(new WithArchives(archives), limits).formerArchives;
  if (found === undefined) throw new Error('the archives were lost on the way');
  return found;
}

const passing = () => new HoldfastError('STORE_UNREACHABLE', 'away', { transient: true });
const lasting = () => new HoldfastError('STORE_UNUSABLE', 'not allowed');

async function contentOf(archive: FormerArchive | null | undefined): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of archive?.read() ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('what is asked of the archives of whatsapp-web.js', () => {
  it('is asked again when its failure may pass', async () => {
    const archives = new FailingArchives();
    const store = behindLimits(archives);
    archives.failures = [passing(), null, passing(), null, null, passing()];
    expect(await store.find(session)).toMatchObject({ session });
    expect(await store.list()).toMatchObject([{ session }]);
    await store.delete(session);
    expect(archives.asked).toEqual(['find', 'find', 'list', 'list', 'find', 'delete', 'delete']);
    archives.failures = [lasting()];
    await rejection(store.find(session), 'STORE_UNUSABLE');
  });

  it('is read on from where it ended, however often it ends', async () => {
    const archives = new FailingArchives();
    const store = behindLimits(archives, { attempts: 2 });
    const archive = await store.find(session);
    archives.failures = [passing(), null, passing(), null, null, passing()];
    expect(await contentOf(archive)).toBe(CONTENT.toString());
    expect(archives.asked.slice(1)).toEqual([
      ...['read 0', 'read 0', 'read 5', 'read 5', 'read 10', 'read 15', 'read 15'],
      ...['read 20', 'read 25'],
    ]);
    const [listed] = await store.list();
    archives.failures = [null, passing(), passing()];
    await rejection(contentOf(listed), 'STORE_UNREACHABLE');
  });

  it('is given up when it is not answered, and waits its turn', async () => {
    const archives = new FailingArchives();
    const giveUp = new AbortController();
    archives.find = () => new Promise(() => undefined);
    const store = behindLimits(archives, { atOnce: 1 });
    const finding = store.find(session, giveUp.signal);
    const deleting = store.delete(session);
    await new Promise((resolve) => setImmediate(resolve));
    expect(archives.asked).toEqual([]);
    giveUp.abort(new Error('not wanted any more'));
    await expect(finding).rejects.toThrow('not wanted any more');
    await deleting;
    expect(archives.asked).toEqual(['delete']);
  });
});
