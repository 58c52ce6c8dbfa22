import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../errors.js';
import type { Store } from '../../stores/store.js';

const LOOK_EVERY_MS = 100;

/**
 * A session in anybody's store with whatsapp-web.js's four methods, whose answers are not believed
 * where stores are known to give wrong ones. Whatever a store rejects with is STORE_UNREACHABLE,
 * unless it is one of ours.
 */
export class ArchiveStore {
  constructor(
    private readonly store: Store,
    private readonly session: string,
  ) {}

  /** wwebjs-aws-s3 answers `undefined` to a 503, which must not be taken for "not there". */
  async exists(): Promise<boolean> {
    const { session } = this;
    const answer: unknown = await this.#call('sessionExists', () =>
      this.store.sessionExists({ session }),
    );
    if (typeof answer === 'boolean') return answer;
    const instead = `it answered ${String(answer)}, neither true nor false`;
    throw this.#unreachable('sessionExists', instead);
  }

  /** `<session>.zip` has to lie where the store looks. */
  async save(): Promise<void> {
    const { session } = this;
    await this.#call('save', () => this.store.save({ session }));
  }

  async extract(path: string): Promise<void> {
    const { session } = this;
    await this.#call('extract', () => this.store.extract({ session, path }));
  }

  /** Resolves when it is gone: wwebjs-mongo's `delete` returns before it has deleted. */
  async delete(patienceMs: number): Promise<void> {
    const { session } = this;
    if (!(await this.exists())) return;
    await this.#call('delete', () => this.store.delete({ session }));
    for (const began = performance.now(); await this.exists(); await sleep(LOOK_EVERY_MS)) {
      if (performance.now() - began < patienceMs) continue;
      throw this.#unreachable('delete', `the session is still there after ${patienceMs} ms`);
    }
  }

  async #call<T>(method: keyof Store, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      throw this.#unreachable(
        method,
        error instanceof Error ? error.message : String(error),
        error,
      );
    }
  }

  #unreachable(method: keyof Store, reason: string, cause?: unknown): HoldfastError {
    return new HoldfastError(
      'STORE_UNREACHABLE',
      `The store's method ${method} failed for the session ${this.session}: ${reason}. ` +
        'What is in the store and on the disk was left as it is.',
      { cause, transient: true },
    );
  }
}
