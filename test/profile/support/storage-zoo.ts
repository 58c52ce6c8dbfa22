import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'puppeteer-core';

const WORKER = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (event) => {
    if (event.request.url.endsWith('/from-worker')) event.respondWith(new Response('the worker'));
  });
`;

/** A site that keeps data in every way there is. Close it to see what works without the server. */
export interface Zoo {
  /** Two origins of it. */
  origins: [string, string];
  close(): Promise<void>;
}

export async function serveZoo(): Promise<Zoo> {
  const server = createServer((request, response) => {
    if (request.url === '/worker.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(WORKER);
      return;
    }
    // Only when asked to, else a restored profile without cookies had them again at once.
    if (request.url === '/give-cookies') {
      response.setHeader('set-cookie', ['kept=1; max-age=100000', 'session=1']);
    }
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Zoo</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origins: [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Keeps something in every way. */
export function fillZoo(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const keep = async (factory: IDBFactory, name: string, entries: Record<string, unknown>) => {
      const request = factory.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('things');
      const database = await done(request);
      const transaction = database.transaction('things', 'readwrite');
      for (const [key, value] of Object.entries(entries)) {
        transaction.objectStore('things').put(value, key);
      }
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      database.close();
    };
    const keepFile = async (root: FileSystemDirectoryHandle, name: string, content: Uint8Array) => {
      const file = await root.getFileHandle(name, { create: true });
      const writable = await file.createWritable();
      await writable.write(new Uint8Array(content));
      await writable.close();
    };
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(ecdsa, false, ['sign', 'verify']);
    const aes = { name: 'AES-GCM', length: 256 };
    const key = await crypto.subtle.generateKey(aes, false, ['encrypt', 'decrypt']);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode('in confidence');
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text);
    // Random, since IndexedDB compresses: what is small then is not kept as a blob.
    const large = new Uint8Array(200_000);
    for (let at = 0; at < large.length; at += 50_000) {
      crypto.getRandomValues(large.subarray(at, at + 50_000));
    }
    const digest = await crypto.subtle.digest('SHA-256', large);
    await keep(indexedDB, 'zoo', {
      pair,
      key,
      iv,
      sealed,
      large,
      digest,
      blob: new Blob([new Uint8Array(300_000).fill(7)]),
    });
    await fetch('/give-cookies');
    localStorage.setItem('plain', 'value');
    localStorage.setItem('', '');
    localStorage.setItem('schlüssel 🔑', 'wert \u0000 ✓');
    const cache = await caches.open('zoo');
    await cache.put('/cached', new Response('from the cache'));
    const root = await navigator.storage.getDirectory();
    await keepFile(root, 'small.bin', new Uint8Array([1, 2, 3]));
    await keepFile(root, 'large.bin', new Uint8Array(2_000_000).fill(9));
    const buckets = (navigator as unknown as { storageBuckets: Buckets }).storageBuckets;
    const bucket = await buckets.open('zoo-bucket');
    await keep(bucket.indexedDB, 'in-bucket', { thing: 'of the bucket' });
    await keepFile(await bucket.getDirectory(), 'bucket.bin', new Uint8Array([4]));
    await (await bucket.caches.open('bucket-cache')).put('/b', new Response('bucket cache'));
    await navigator.serviceWorker.register('/worker.js');
    await navigator.serviceWorker.ready;

    interface Bucket {
      indexedDB: IDBFactory;
      caches: CacheStorage;
      getDirectory(): Promise<FileSystemDirectoryHandle>;
    }
    interface Buckets {
      open(name: string): Promise<Bucket>;
    }
  });
}

/** What is there of all that {@link fillZoo} has kept, one line each. */
export function readZoo(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const get = async <T>(factory: IDBFactory, name: string, key: string): Promise<T> => {
      const request = factory.open(name);
      const database = await done(request);
      try {
        return (await done(database.transaction('things').objectStore('things').get(key))) as T;
      } finally {
        database.close();
      }
    };
    const fileOf = async (root: FileSystemDirectoryHandle, name: string) => {
      const file = await (await root.getFileHandle(name)).getFile();
      return new Uint8Array(await file.arrayBuffer());
    };
    const looks: Record<string, () => Promise<boolean>> = {
      'a key pair that signs': async () => {
        const pair = await get<CryptoKeyPair>(indexedDB, 'zoo', 'pair');
        const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
        const data = new Uint8Array([1]);
        const signature = await crypto.subtle.sign(algorithm, pair.privateKey, data);
        const isRight = await crypto.subtle.verify(algorithm, pair.publicKey, signature, data);
        return isRight && !pair.privateKey.extractable;
      },
      'a key that decrypts': async () => {
        const key = await get<CryptoKey>(indexedDB, 'zoo', 'key');
        const iv = await get<Uint8Array<ArrayBuffer>>(indexedDB, 'zoo', 'iv');
        const sealed = await get<ArrayBuffer>(indexedDB, 'zoo', 'sealed');
        const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed);
        return new TextDecoder().decode(text) === 'in confidence';
      },
      'a large value': async () => {
        const large = await get<Uint8Array<ArrayBuffer>>(indexedDB, 'zoo', 'large');
        const digest = await get<ArrayBuffer>(indexedDB, 'zoo', 'digest');
        const again = await crypto.subtle.digest('SHA-256', large);
        return new Uint8Array(again).join() === new Uint8Array(digest).join();
      },
      'a blob': async () => {
        const blob = await get<Blob>(indexedDB, 'zoo', 'blob');
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return bytes.length === 300_000 && bytes.every((byte) => byte === 7);
      },
      localStorage: async () =>
        localStorage.getItem('plain') === 'value' &&
        localStorage.getItem('') === '' &&
        localStorage.getItem('schlüssel 🔑') === 'wert \u0000 ✓',
      'a cached response': async () =>
        (await (await caches.match('/cached'))?.text()) === 'from the cache',
      'a small file': async () =>
        (await fileOf(await navigator.storage.getDirectory(), 'small.bin')).join() === '1,2,3',
      'a large file': async () => {
        const bytes = await fileOf(await navigator.storage.getDirectory(), 'large.bin');
        return bytes.length === 2_000_000 && bytes.every((byte) => byte === 9);
      },
      'a service worker': async () => {
        if (!navigator.serviceWorker.controller) return false;
        return (await (await fetch('/from-worker')).text()) === 'the worker';
      },
      'a persistent cookie': async () => /(^|; )kept=1/.test(document.cookie),
      'a session cookie': async () => /(^|; )session=1/.test(document.cookie),
      'a bucket': async () => {
        const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets };
        if (!(await storageBuckets.keys()).includes('zoo-bucket')) return false;
        const bucket = await storageBuckets.open('zoo-bucket');
        const thing = await get<string>(bucket.indexedDB, 'in-bucket', 'thing');
        const file = await fileOf(await bucket.getDirectory(), 'bucket.bin');
        const cached = await (await bucket.caches.match('/b'))?.text();
        return thing === 'of the bucket' && file.join() === '4' && cached === 'bucket cache';
      },
    };
    const there: string[] = [];
    for (const [what, look] of Object.entries(looks)) {
      const isThere = await look().catch(() => false);
      if (isThere) there.push(what);
    }
    return there;

    interface Bucket {
      indexedDB: IDBFactory;
      caches: CacheStorage;
      getDirectory(): Promise<FileSystemDirectoryHandle>;
    }
    interface Buckets {
      keys(): Promise<string[]>;
      open(name: string): Promise<Bucket>;
    }
  });
}

export const EVERYTHING = [
  'a key pair that signs',
  'a key that decrypts',
  'a large value',
  'a blob',
  'localStorage',
  'a cached response',
  'a small file',
  'a large file',
  'a service worker',
  'a persistent cookie',
  'a session cookie',
  'a bucket',
];
