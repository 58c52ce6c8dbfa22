import type { FormerArchive, FormerArchives } from '../former-archives.js';
import { MAX_OBJECT_BYTES } from '../object-store.js';
import { type RequestBounds, timeForBytes } from './request-bounds.js';

/** To look for archives, all of a bucket may have to be listed. */
const LOOK_MS = 50_000;

/** Bounds what is asked of whatsapp-web.js's archives as all else in their place. */
export class LimitedArchives implements FormerArchives {
  constructor(
    private readonly inner: FormerArchives,
    private readonly bounds: RequestBounds,
  ) {}

  async find(session: string, signal?: AbortSignal): Promise<FormerArchive | null> {
    const request = { what: `looking for an archive of ${session}`, extraMs: LOOK_MS, signal };
    const found = await this.bounds.bulk(request, (ended) => this.inner.find(session, ended));
    return found && this.#limited(found);
  }

  async list(signal?: AbortSignal): Promise<FormerArchive[]> {
    const request = { what: 'looking for archives', extraMs: LOOK_MS, signal };
    const listed = await this.bounds.bulk(request, (ended) => this.inner.list(ended));
    return listed.map((archive) => this.#limited(archive));
  }

  delete(session: string, signal?: AbortSignal): Promise<void> {
    const request = { what: `deleting the archives of ${session}`, extraMs: LOOK_MS, signal };
    return this.bounds.bulk(request, (ended) => this.inner.delete(session, ended));
  }

  #limited(archive: FormerArchive): FormerArchive {
    return { ...archive, read: (from, signal) => this.#read(archive, from, signal) };
  }

  async *#read(
    archive: FormerArchive,
    from = 0,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const giveUp = new AbortController();
    const ended = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal;
    const pieces = archive.read(from, ended)[Symbol.asyncIterator]();
    const request = {
      what: `reading ${archive.place}`,
      extraMs: timeForBytes(MAX_OBJECT_BYTES),
      signal,
    };
    try {
      for (;;) {
        // Between two of them the caller writes to its disk: no turn is held meanwhile.
        const next = await this.bounds.bulk(request, () => pieces.next());
        if (next.done) return;
        this.bounds.addFetched(next.value.length);
        yield next.value;
      }
    } finally {
      giveUp.abort();
      await pieces.return?.().catch(() => undefined);
    }
  }
}
