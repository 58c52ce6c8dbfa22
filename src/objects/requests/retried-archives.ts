import type { FormerArchive, FormerArchives } from '../former-archives.js';
import { Patience, type PatienceLimits, repeat } from './patience.js';

/** Repeats what is asked of whatsapp-web.js's archives when its failure may pass. */
export class RetriedArchives implements FormerArchives {
  constructor(
    private readonly inner: FormerArchives,
    private readonly limits: PatienceLimits,
  ) {}

  async find(session: string, signal?: AbortSignal): Promise<FormerArchive | null> {
    const find = () => this.inner.find(session, signal);
    const found = await repeat(this.limits, find, signal);
    return found && this.#retried(found);
  }

  async list(signal?: AbortSignal): Promise<FormerArchive[]> {
    const listed = await repeat(this.limits, () => this.inner.list(signal), signal);
    return listed.map((archive) => this.#retried(archive));
  }

  delete(session: string, signal?: AbortSignal): Promise<void> {
    return repeat(this.limits, () => this.inner.delete(session, signal), signal);
  }

  #retried(archive: FormerArchive): FormerArchive {
    return { ...archive, read: (from, signal) => this.#read(archive, from, signal) };
  }

  /** Goes on behind the last byte that was given. */
  async *#read(
    archive: FormerArchive,
    from = 0,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let position = from;
    let patience = new Patience(this.limits, signal);
    for (;;) {
      try {
        for await (const piece of archive.read(position, signal)) {
          position += piece.length;
          patience = new Patience(this.limits, signal);
          yield piece;
        }
        return;
      } catch (error) {
        await patience.pauseAfter(error);
      }
    }
  }
}
