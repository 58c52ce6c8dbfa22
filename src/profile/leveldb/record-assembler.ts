import type { Fragment } from './fragment.js';
import { FragmentType } from './record-log-format.js';

/** Puts fragments together to records, in the order in which they lie in the file. */
export class RecordAssembler {
  #chain: Uint8Array[] = [];
  #started = false;

  /** True between FIRST and LAST. */
  get unfinished(): boolean {
    return this.#started;
  }

  /** Returns the record that `fragment` completes, nothing, or why it cannot come here. */
  add({ type, payload }: Fragment): Uint8Array | undefined | string {
    const starts = type === FragmentType.FULL || type === FragmentType.FIRST;
    if (starts && this.#started && !this.#holdsNothing()) return 'a record has no end';
    if (!starts && !this.#started) return 'a record has no beginning';
    if (starts) this.reset();
    if (type === FragmentType.FULL) return payload;

    this.#started = true;
    this.#chain.push(payload);
    if (type !== FragmentType.LAST) return undefined;
    const record = Buffer.concat(this.#chain);
    this.reset();
    return record;
  }

  reset(): void {
    this.#chain = [];
    this.#started = false;
  }

  /**
   * A FIRST without payload fills a block's last seven bytes. LevelDB lets another record follow
   * it without a LAST (db/log_reader.cc): nothing is lost.
   */
  #holdsNothing(): boolean {
    return this.#chain.every((payload) => payload.length === 0);
  }
}
