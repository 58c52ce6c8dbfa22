import { credentialsRemover } from './credentials.js';
import type { MongoSource } from './mongo-source.js';
import type { MongoClient, MongoClientClass, MongoDatabase } from './mongo-types.js';

/**
 * A client of our own, made by the first request. A connection that failed is tried again by the
 * next one.
 */
export class OpenedClient implements MongoSource {
  readonly redact: (text: string) => string;
  readonly #make: () => MongoClient;
  readonly #connecting = new Set<Promise<unknown>>();
  #client: MongoClient | undefined;

  /**
   * @param load gives the driver, which users install themselves
   * @param timeoutMs how long one request may take
   */
  constructor(uri: string, timeoutMs: number, load: () => { MongoClient: MongoClientClass }) {
    this.redact = credentialsRemover(uri);
    this.#make = () => new (load().MongoClient)(uri, optionsFor(uri, timeoutMs));
  }

  async database(): Promise<MongoDatabase> {
    this.#client ??= this.#make();
    const client = this.#client;
    const connecting = client.connect();
    this.#connecting.add(connecting);
    try {
      await connecting;
    } finally {
      this.#connecting.delete(connecting);
    }
    return client.db();
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    await client.close();
    // A client that was still resolving its hosts has opened its connections after that.
    await Promise.allSettled(this.#connecting);
    await client.close();
  }
}

/** Ours where the connection string says nothing: the driver's options would go before it. */
function optionsFor(uri: string, timeoutMs: number): object {
  const defaults: Record<string, unknown> = {
    appName: 'holdfast',
    // Before the request is given up, as the driver's error says what is wrong.
    serverSelectionTimeoutMS: Math.ceil(timeoutMs * 0.8),
    connectTimeoutMS: timeoutMs,
    // Requests are repeated by us, and servers of others do not have this: Amazon DocumentDB refuses.
    retryWrites: false,
  };
  const query = uri.slice(uri.lastIndexOf('?') + 1).toLowerCase();
  const given = new Set(query.split('&').map((pair) => pair.slice(0, pair.indexOf('='))));
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase())),
  );
}
