import type { LostUpdate, Update, WireMessage } from '../wire.js';
import { encodeB64, utf8 } from './bytes.js';
import { committed, type Databases, result } from './databases.js';
import { createWid, MsgKey } from './ids.js';

/** A message as kept in `model-storage`. */
export interface StoredMessage extends WireMessage {
  key: string;
  ack: number;
  /** The update that brought it; a message sent from here has none. */
  n?: number;
}

export interface Position {
  index: number;
  chain: string;
}

export interface NumberedUpdate {
  n: number;
  payload: string;
}

/** What an applied update did, for the page to show. */
export interface Applied {
  update: Update;
  message: StoredMessage | undefined;
}

/**
 * The device's ratchet (`signal-storage`) and what it has received (`model-storage`).
 *
 * Invariant: the history is committed before the ratchet, so at any instant, kill -9 included,
 * every update up to the ratchet's index is in the history. The server acknowledges nothing by
 * itself: an update counts as received when this page says so, after both commits.
 */
export class History {
  constructor(private readonly databases: Databases) {}

  /** Read each time: another page of this profile may have gone on meanwhile. */
  async position(): Promise<Position> {
    const store = this.databases['signal-storage'].transaction('ratchet').objectStore('ratchet');
    return (await result<Position | undefined>(store.get('device'))) ?? { index: 0, chain: '' };
  }

  /** Updates up to the ratchet's index that the history lacks. */
  async holes(): Promise<number[]> {
    const { index } = await this.position();
    if (index === 0) return [];
    const transaction = this.databases['model-storage'].transaction(['message', 'update']);
    const range = IDBKeyRange.bound(1, index);
    const messages = transaction.objectStore('message').index('n');
    const updates = transaction.objectStore('update');
    const [messageCount, updateCount] = await Promise.all([
      result(messages.count(range)),
      result(updates.count(range)),
    ]);
    if (messageCount + updateCount === index) return [];
    const missing = new Set(Array.from({ length: index }, (_, at) => at + 1));
    const cursor = messages.openKeyCursor(range);
    await new Promise<void>((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result) return resolve();
        missing.delete(Number(cursor.result.key));
        cursor.result.continue();
      };
    });
    for (const key of await result(updates.getAllKeys(range))) missing.delete(Number(key));
    return [...missing];
  }

  /** Applies updates that follow each other; those it already has are skipped. */
  async apply(batch: NumberedUpdate[]): Promise<Applied[]> {
    let { index, chain } = await this.position();
    const next: { n: number; update: Update }[] = [];
    for (const { n, payload } of batch) {
      if (n <= index) continue;
      if (n !== index + 1) throw new Error(`update ${n} arrived after ${index}`);
      chain = encodeB64(await crypto.subtle.digest('SHA-256', utf8(`${chain}\n${payload}`)));
      index = n;
      next.push({ n, update: JSON.parse(payload) });
    }
    const transaction = this.#openHistory();
    const applied: Applied[] = [];
    for (const { n, update } of next) {
      applied.push({ update, message: await storeUpdate(transaction, n, update) });
    }
    await committed(transaction);
    await this.#moveTo({ index, chain });
    return applied;
  }

  /** Takes over a position ahead of its own; the messages it lost become placeholders. */
  async fastForward(to: Position, lost: LostUpdate[]): Promise<StoredMessage[]> {
    const transaction = this.#openHistory();
    const placeholders: StoredMessage[] = [];
    for (const { n, message } of lost) {
      if (!message) transaction.objectStore('update').put({ n, kind: 'lost' });
      // The history may be ahead of the ratchet: then the message is here, and is no placeholder.
      else if (!(await find(transaction, keyOf(message)._serialized))) {
        placeholders.push(storeMessage(transaction, message, n));
      }
    }
    await committed(transaction);
    await this.#moveTo(to);
    return placeholders;
  }

  /** Keeps the order to send a message until the server has it, and the message itself. */
  async keepOutgoing(message: WireMessage): Promise<void> {
    const jobs = this.databases['jobs-storage'].transaction('outbox', 'readwrite');
    jobs.objectStore('outbox').put({ key: keyOf(message)._serialized, message });
    await committed(jobs);
    const transaction = this.databases['model-storage'].transaction('message', 'readwrite');
    storeMessage(transaction, message);
    await committed(transaction);
  }

  async outbox(): Promise<WireMessage[]> {
    const store = this.databases['jobs-storage'].transaction('outbox').objectStore('outbox');
    return (await result<{ message: WireMessage }[]>(store.getAll())).map((job) => job.message);
  }

  async takeFromOutbox(key: string): Promise<void> {
    const transaction = this.databases['jobs-storage'].transaction('outbox', 'readwrite');
    transaction.objectStore('outbox').delete(key);
    await committed(transaction);
  }

  message(key: string): Promise<StoredMessage | undefined> {
    return find(this.databases['model-storage'].transaction('message'), key);
  }

  /** The newest received messages, oldest first. */
  async recentMessages(count: number): Promise<StoredMessage[]> {
    const store = this.databases['model-storage'].transaction('message').objectStore('message');
    const cursor = store.index('n').openCursor(null, 'prev');
    const newest: StoredMessage[] = [];
    await new Promise<void>((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result || newest.length === count) return resolve();
        newest.push(cursor.result.value);
        cursor.result.continue();
      };
    });
    return newest.reverse();
  }

  #openHistory(): IDBTransaction {
    return this.databases['model-storage'].transaction(['message', 'update'], 'readwrite');
  }

  async #moveTo(position: Position): Promise<void> {
    const transaction = this.databases['signal-storage'].transaction('ratchet', 'readwrite');
    transaction.objectStore('ratchet').put(position, 'device');
    await committed(transaction);
  }
}

async function storeUpdate(
  transaction: IDBTransaction,
  n: number,
  update: Update,
): Promise<StoredMessage | undefined> {
  if (update.kind === 'message') return storeMessage(transaction, update.message, n);
  transaction.objectStore('update').put({ n, kind: update.kind });
  if (update.kind === 'connection') return undefined;
  const message = await find(transaction, update.key);
  if (!message) return undefined;
  if (update.kind === 'ack') message.ack = Math.max(message.ack, update.ack);
  else Object.assign(message, { type: 'chat', body: update.body });
  transaction.objectStore('message').put(message);
  return message;
}

function find(transaction: IDBTransaction, key: string): Promise<StoredMessage | undefined> {
  return result(transaction.objectStore('message').get(key));
}

function storeMessage(transaction: IDBTransaction, message: WireMessage, n?: number) {
  const stored: StoredMessage = { ...message, key: keyOf(message)._serialized, ack: 0 };
  if (n !== undefined) stored.n = n;
  transaction.objectStore('message').put(stored);
  return stored;
}

export function keyOf(message: WireMessage): MsgKey {
  const chat = createWid(message.chat);
  return new MsgKey({
    from: chat,
    to: chat,
    id: message.id,
    participant: message.author ? createWid(message.author) : undefined,
    selfDir: message.fromMe ? 'out' : 'in',
  });
}
