import type { WireMessage } from '../wire.js';
import { utf8 } from './bytes.js';
import { committed, type Databases } from './databases.js';
import type { StoredMessage } from './history.js';
import { keyOf } from './history.js';

/** Messages in a transaction: many, but not so many that a small history becomes too large. */
const batchFor = (bytes: number) => Math.min(500, Math.max(20, Math.round(bytes / 500_000)));
const LOOK_AGAIN_MS = 300;
const STILL_BYTES = 64 * 1024;
const CHATS = 40;
/** Half of a text cannot be compressed, as pictures and keys; the other half is words. */
const HALF_TEXT = 2048;
const DAY_SECONDS = 24 * 60 * 60;

const BASE64 = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const WORDS =
  'about after again all also always and another any are around ask back bad be because been before big book both bring bus but buy by call can car child city close come could day dinner do done door each early eat else end even ever every far few find first five for friend from full game get give go good great half hand happy hard have he hello help her here him his home hour house how if in into it job just keep key kind know last late later leave left less let like little live long look love lunch make man many may maybe me meet mind miss money more morning most much must my near need never new next nice night no nothing now of off office often old on once one only open or other our out over own pay people phone picture place plan please price put question rain read ready right road room run same say school see send she shop should show since sit sleep so some soon sorry start stay still stop street such sun sure take talk tell thank that the then there they thing think this three ticket time to today together tomorrow tonight too town train tree try two under until up us use very wait walk want was water way we week well what when where which while who why will with word work would year yes yesterday you your'.split(
    ' ',
  );

/** Messages from before the device was linked: what a phone sends along, and no update brings. */
export class OlderHistory {
  #added = 0;

  constructor(private readonly databases: Databases) {}

  /** Adds messages until IndexedDB takes about `bytes` on disk; resolves with what it takes. */
  async grow(bytes: number): Promise<number> {
    let size = await bytesOnDisk();
    while (size < bytes) {
      await this.#addBatch(batchFor(bytes));
      size = await bytesOnDisk();
      if (size >= bytes) size = await this.#settledSize();
    }
    return size;
  }

  /** The size once LevelDB has compacted: while it does, tables stand beside what they replace. */
  async #settledSize(): Promise<number> {
    for (let before = -1, size = 0; ; before = size) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      // The browser looks at the disk only when something has been written.
      await this.#addBatch(1);
      size = await bytesOnDisk();
      if (Math.abs(size - before) < STILL_BYTES) return size;
    }
  }

  async #addBatch(count: number): Promise<void> {
    const transaction = this.databases['model-storage'].transaction('message', 'readwrite');
    const store = transaction.objectStore('message');
    for (let n = 0; n < count; n++) store.put(this.#nextMessage());
    await committed(transaction);
  }

  #nextMessage(): StoredMessage {
    const number = this.#added++;
    const message: WireMessage = {
      id: `3A${randomText(18).replace(/[+/]/g, '0').toUpperCase()}`,
      chat: `120255501${String(number % CHATS).padStart(2, '0')}@c.us`,
      fromMe: number % 3 === 0,
      body: `${words(HALF_TEXT)}${randomText(HALF_TEXT)}`,
      t: Math.floor(Date.now() / 1000) - DAY_SECONDS - number,
      type: 'chat',
      notifyName: 'Somebody',
    };
    return { ...message, key: keyOf(message)._serialized, ack: 3 };
  }
}

async function bytesOnDisk(): Promise<number> {
  const { usage = 0 } = await navigator.storage.estimate();
  return usage;
}

const latin1 = new TextDecoder('latin1');

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  for (const [at, byte] of bytes.entries()) bytes[at] = BASE64[byte % BASE64.length] ?? 0;
  return latin1.decode(bytes);
}

function words(length: number): string {
  let text = '';
  for (const choice of crypto.getRandomValues(new Uint8Array(Math.ceil(length / 4)))) {
    text += `${WORDS[choice % WORDS.length]} `;
  }
  return text.slice(0, length);
}
