/** The page's IndexedDB databases, by the names the real page gives them. */
const LAYOUT = {
  'signal-storage': { identity: {}, ratchet: {} },
  'model-storage': {
    message: { keyPath: 'key' },
    update: { keyPath: 'n' },
  },
  wawc: { user: {} },
  wawc_db_enc: { keys: {} },
  'jobs-storage': { outbox: { keyPath: 'key' } },
} satisfies Record<string, Record<string, IDBObjectStoreParameters>>;

type DatabaseName = keyof typeof LAYOUT;
export type Databases = Record<DatabaseName, IDBDatabase>;

const NAMES = Object.keys(LAYOUT) as DatabaseName[];

export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once the transaction is committed. */
export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

export async function openDatabases(): Promise<Databases> {
  const opened = await Promise.all(NAMES.map(async (name) => [name, await open(name)] as const));
  return Object.fromEntries(opened) as Databases;
}

export async function emptyDatabases(databases: Databases): Promise<void> {
  for (const database of Object.values(databases)) {
    const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
    for (const name of database.objectStoreNames) transaction.objectStore(name).clear();
    await committed(transaction);
  }
}

export async function deleteDatabases(databases: Databases): Promise<void> {
  for (const database of Object.values(databases)) database.close();
  await Promise.all(NAMES.map((name) => result(indexedDB.deleteDatabase(name))));
}

async function open(name: DatabaseName): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const [store, parameters] of Object.entries(LAYOUT[name])) {
      const created = request.result.createObjectStore(store, parameters);
      if (store === 'message') created.createIndex('n', 'n');
    }
  };
  const opened = await result(request);
  // Else a logout in another page of this profile could not delete it.
  opened.onversionchange = () => opened.close();
  return opened;
}
