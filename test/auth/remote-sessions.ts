import { mkdtempSync } from 'node:fs';
import path from 'node:path';

import type { RemoteAuthOptions } from '../../src/index.js';
import {
  type ClientOptions,
  HoldfastError,
  MemoryStore,
  RemoteAuth,
  type StandIn,
  type StartedClient,
  startClient,
  TEMPORARY,
} from '../client/support.js';

export const KEY = Buffer.alloc(32, 7);

export const newFolder = (): string => mkdtempSync(path.join(TEMPORARY, 'remote-'));

/** A store in memory that can be away. */
export class UnreliableStore extends MemoryStore {
  /** Requests that fail, by method. */
  isAway: (method: string, key: string) => boolean = () => false;
  /** False: nobody need try again. */
  mayComeBack = true;
  requests = 0;

  override async get(...args: Parameters<InstanceType<typeof MemoryStore>['get']>) {
    this.#pass('get', args[0]);
    return super.get(...args);
  }

  override async put(...args: Parameters<InstanceType<typeof MemoryStore>['put']>) {
    this.#pass('put', args[0]);
    return super.put(...args);
  }

  override async *list(prefix: string) {
    this.#pass('list', prefix);
    yield* super.list(prefix);
  }

  override async readCell(key: string) {
    this.#pass('readCell', key);
    return super.readCell(key);
  }

  override async swapCell(key: string, value: Uint8Array, version: string | null) {
    this.#pass('swapCell', key);
    return super.swapCell(key, value, version);
  }

  #pass(method: string, key: string): void {
    this.requests++;
    if (!this.isAway(method, key)) return;
    throw new HoldfastError('STORE_UNREACHABLE', `injected: ${method} ${key}`, {
      transient: this.mayComeBack,
    });
  }
}

export interface StartedRemote extends StartedClient {
  authStrategy: InstanceType<typeof RemoteAuth>;
}

/** A client with RemoteAuth; by default on an empty disk. */
export function startRemote(
  standIn: StandIn,
  { dataPath = newFolder(), ...options }: RemoteAuthOptions,
  clientOptions: ClientOptions = {},
): StartedRemote {
  const authStrategy = new RemoteAuth({ encryptionKey: KEY, dataPath, ...options });
  return { ...startClient(standIn, { ...clientOptions, authStrategy }), authStrategy };
}

/** As a power cut would: everything of the browser at once. */
export function killBrowser({ client }: StartedClient): void {
  const pid = client.pupBrowser?.process()?.pid;
  if (pid === undefined) throw new Error('the client has no browser');
  process.kill(-pid, 'SIGKILL');
}
