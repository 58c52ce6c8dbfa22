import type { Page } from 'puppeteer-core';

/** How many entries the ring holds, of 16 KB each: about 80 MB, written over and over. */
export const RING = 5000;
const ENTRY_BYTES = 16 * 1024;

/** What a page finds of the ring in its database. */
export interface RingState {
  /** The newest number. */
  newest: number;
  /** What does not fit: a number that is missing, an entry that is not of its number. */
  problems: string[];
}

/** What the scripts below keep on their window. */
interface BusyWindow {
  written: number;
  wanted: number;
  error: string | null;
}

/**
 * Starts writing: each transaction puts an entry with the next number over the oldest one, now and
 * then with a blob, a second database and a localStorage entry that go with it. It follows
 * {@link setRate}.
 */
export function startWriting(page: Page): Promise<void> {
  return page.evaluate(
    async (ring, entryBytes) => {
      const state = window as unknown as BusyWindow;
      Object.assign(state, { written: 0, wanted: 0, error: null });
      const open = (name: string, stores: string[]) =>
        new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open(name, 1);
          request.onupgradeneeded = () => {
            for (const store of stores) request.result.createObjectStore(store);
          };
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await open('ring', ['numbers', 'entries', 'blobs']);
      const second = await open('second', ['last']);
      let next = 1;
      const writeNext = () => {
        const number = next++;
        const bytes = crypto.getRandomValues(new Uint8Array(entryBytes));
        new DataView(bytes.buffer).setUint32(0, number);
        const transaction = database.transaction(['numbers', 'entries', 'blobs'], 'readwrite');
        transaction.objectStore('numbers').put(number, number % ring);
        transaction.objectStore('entries').put(bytes, number % ring);
        if (number % 100 === 0) {
          const blob = new Blob([new Uint8Array(100_000).fill(number % 251)]);
          transaction.objectStore('blobs').put({ number, blob }, (number / 100) % 20);
        }
        transaction.oncomplete = () => {
          state.written = number;
          if (number % 50 !== 0) return;
          localStorage.setItem('last', String(number));
          second.transaction('last', 'readwrite').objectStore('last').put(number, 'last');
        };
        transaction.onabort = () => {
          state.error = String(transaction.error);
        };
      };
      // Chromium commits the transactions of one store in the order in which they were made.
      setInterval(() => {
        while (next <= state.wanted && next - state.written < 64) writeNext();
      }, 1);
    },
    RING,
    ENTRY_BYTES,
  );
}

/** From now on so many bytes a second are written; 0: what is under way is finished, no more. */
export async function setRate(page: Page, bytesPerSecond: number): Promise<void> {
  await page.evaluate((perSecond) => {
    const state = window as unknown as BusyWindow & { timer?: ReturnType<typeof setInterval> };
    clearInterval(state.timer);
    state.wanted = state.written;
    let last = performance.now();
    let due = 0;
    state.timer = setInterval(() => {
      const now = performance.now();
      due += ((now - last) / 1000) * perSecond;
      last = now;
      const whole = Math.floor(due);
      due -= whole;
      // What the browser cannot keep up with is not owed.
      state.wanted = Math.max(state.wanted, Math.min(state.wanted + whole, state.written + 200));
    }, 5);
  }, bytesPerSecond / ENTRY_BYTES);
}

/** How many entries have been written so far; rejects if one failed. */
export async function written(page: Page): Promise<number> {
  const { count, error } = await page.evaluate(() => {
    const state = window as unknown as BusyWindow;
    return { count: state.written, error: state.error };
  });
  if (error !== null) throw new Error(`the page could not write: ${error}`);
  return count;
}

/** Waits until at least so many entries are written. */
export async function untilWritten(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (least) => (window as unknown as BusyWindow).written >= least,
    { polling: 50, timeout: 120_000 },
    count,
  );
}

/** Looks at everything that {@link startWriting} has written, in a browser that was started anew. */
export function readRing(page: Page): Promise<RingState> {
  return page.evaluate(async (ring) => {
    const problems: string[] = [];
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const open = async (name: string) => {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => problems.push(`the database ${name} was wiped`);
      return done(request);
    };
    const database = await open('ring');
    const second = await open('second');
    if (problems.length > 0) return { newest: 0, problems };

    const transaction = database.transaction(['numbers', 'entries', 'blobs']);
    const numbers = await done<number[]>(transaction.objectStore('numbers').getAll());
    const newest = Math.max(0, ...numbers);
    const found = new Set(numbers);
    for (let number = Math.max(1, newest - ring + 1); number <= newest; number++) {
      if (!found.has(number)) problems.push(`number ${number} of ${newest} is missing`);
    }
    if (found.size !== Math.min(newest, ring)) problems.push(`${found.size} numbers`);
    const entries = transaction.objectStore('entries');
    for (let back = 0; back < found.size; back = back < 50 ? back + 1 : back + 97) {
      const number = newest - back;
      const entry = await done<Uint8Array | undefined>(entries.get(number % ring));
      const is = entry && new DataView(entry.buffer, entry.byteOffset).getUint32(0);
      if (is !== number) problems.push(`the entry of number ${number} is of ${is}`);
    }
    const blobs = await done<{ number: number; blob: Blob }[]>(
      transaction.objectStore('blobs').getAll(),
    );
    for (const { number, blob } of blobs) {
      const bytes = await blob.arrayBuffer().then(
        (buffer) => new Uint8Array(buffer),
        () => new Uint8Array(0),
      );
      const isRight = bytes.length === 100_000 && bytes.every((byte) => byte === number % 251);
      if (!isRight) problems.push(`the blob of number ${number} is not readable`);
    }
    const last = await done<number | undefined>(
      second.transaction('last').objectStore('last').get('last'),
    );
    const lastStored = Number(localStorage.getItem('last'));
    // Both are written after the entry they name.
    if ((last ?? 0) > newest) problems.push(`the second database is ahead: ${last}`);
    if (lastStored > newest) problems.push(`localStorage is ahead: ${lastStored} of ${newest}`);
    database.close();
    second.close();
    return { newest, problems: problems.slice(0, 10) };
  }, RING);
}
