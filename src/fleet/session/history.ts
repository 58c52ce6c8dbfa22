import { MAX_CELL_BYTES, type ObjectStore } from '../../objects/object-store.js';
import { list, parseJson, record, requireFormat } from '../../snapshot/decode.js';
import { FORMAT_VERSION } from '../../snapshot/format.js';
import { newNonce } from '../../snapshot/head.js';
import { withinTime } from '../../system/within-time.js';
import { changeCell } from '../change-cell.js';
import type { Happening } from '../session-view.js';

const MOST = 200;
const SOON_MS = 2_000;
/** Saves come every second; they are not worth a request each. */
const LATER_MS = 60_000;
const PATIENCE_MS = 5_000;

export function historyKey(id: string): string {
  return `fleet/history/${id}`;
}

/** What is stored of a session's history, oldest first; one that cannot be understood is none. */
export async function readHistory(store: ObjectStore, id: string): Promise<Happening[]> {
  return decode((await store.readCell(historyKey(id)))?.value ?? null);
}

/** The last happenings of a session that is held here; the store follows some seconds behind. */
export class History {
  readonly #store: ObjectStore;
  readonly #id: string;
  #happenings: Happening[] = [];
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();
  #isLoaded = false;
  #isClosed = false;

  constructor(store: ObjectStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** Oldest first. */
  get happenings(): Happening[] {
    return [...this.#happenings];
  }

  add(happening: Happening): void {
    this.#happenings = [...this.#happenings, happening].slice(-MOST);
    this.#writeIn(happening.what === 'saved' ? LATER_MS : SOON_MS);
  }

  /** Brings what former holders have noted. A failure is tried again when it is written. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const former = await readHistory(this.#store, this.#id);
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    this.#happenings = [...former, ...this.#happenings].slice(-MOST);
  }

  /** Writes what is not written yet, if the store answers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await withinTime(
      PATIENCE_MS,
      this.#writing.then(() => this.#write()),
    ).catch(() => undefined);
  }

  #writeIn(ms: number): void {
    const dueAt = performance.now() + ms;
    if (this.#isClosed || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#writing = this.#writing.then(() => this.#write()).catch(() => this.#writeIn(LATER_MS));
    }, ms).unref();
  }

  async #write(): Promise<void> {
    await this.load();
    await changeCell<Happening[]>(this.#store, historyKey(this.#id), {
      decode,
      change: () => this.#happenings,
      encode,
    });
  }
}

/** What does not fit is left out: old saves first, then whatever is oldest. */
function encode(happenings: Happening[]): Uint8Array {
  let kept = happenings;
  for (;;) {
    const value = Buffer.from(
      JSON.stringify({ format: FORMAT_VERSION, nonce: newNonce(), happenings: kept }),
    );
    if (value.length <= MAX_CELL_BYTES) return value;
    const excess = Math.ceil((kept.length * (value.length - MAX_CELL_BYTES)) / value.length);
    kept = withoutOldest(kept, Math.max(excess, 1));
  }
}

function withoutOldest(happenings: Happening[], count: number): Happening[] {
  const saves = happenings.filter(({ what }) => what === 'saved');
  const left = new Set((saves.length > 0 ? saves : happenings).slice(0, count));
  return happenings.filter((happening) => !left.has(happening));
}

function decode(value: Uint8Array | null): Happening[] {
  if (value === null) return [];
  try {
    const parsed = parseJson(Buffer.from(value).toString());
    requireFormat(parsed);
    const cell = record(parsed, 'the history', ['format', 'nonce', 'happenings']);
    return list(cell.happenings, 'happenings').filter(isHappening);
  } catch {
    return [];
  }
}

function isHappening(value: unknown): value is Happening {
  const { at, what } = (value ?? {}) as Partial<Happening>;
  return typeof at === 'string' && typeof what === 'string';
}
