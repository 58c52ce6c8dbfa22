import { describe, expect, it } from 'vitest';
import {
  isObjectStore,
  type RemoteAuthOptions,
  resolveRemoteAuthOptions,
} from '../../../src/auth/remote/options.js';
import { HoldfastError } from '../../../src/errors.js';
import { MemoryObjects } from '../../../src/objects/memory-objects.js';
import { MemoryStore } from '../../../src/stores/memory-store.js';

const store = new MemoryStore();

function refusal(options: unknown): HoldfastError {
  try {
    resolveRemoteAuthOptions(options as RemoteAuthOptions);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('they were not refused');
}

describe('the options of RemoteAuth', () => {
  it("are the seed's, with the seed's values", () => {
    const options = { store, clientId: 'sales', dataPath: './x', backupSyncIntervalMs: 300_000 };
    expect(resolveRemoteAuthOptions({ ...options, rmMaxRetries: 4 })).toMatchObject(options);
    const nothing = { store, clientId: null, dataPath: null } as never;
    expect(resolveRemoteAuthOptions(nothing)).toMatchObject({
      clientId: undefined,
      dataPath: './.wwebjs_auth/',
      backupSyncIntervalMs: undefined,
      onLeaseHeld: 'wait',
      leaseTermMs: 15_000,
      storeTimeoutMs: 300_000,
    });
  });

  it.each([
    ['none at all', undefined],
    ['no store', {}],
    ['a store that is nothing', { store: null }],
  ])('say what a store is when there is %s', (_, options) => {
    expect(refusal(options)).toMatchObject({ code: 'INVALID_OPTION' });
    expect(refusal(options).message).toContain('FileStore');
  });

  it('say what a store that is none lacks, for both kinds', () => {
    const half = { sessionExists() {}, save() {}, get() {}, delete() {} };
    const { code, message } = refusal({ store: half });
    expect(code).toBe('INVALID_OPTION');
    expect(message).toContain('lacks extract;');
    expect(message).toContain('lacks put, list, readCell, swapCell.');
  });

  it('take either kind of store, and the engine for one that is both', () => {
    const archives = { sessionExists() {}, save() {}, extract() {}, delete() {} } as never;
    expect(isObjectStore(resolveRemoteAuthOptions({ store: archives }).store)).toBe(false);
    for (const each of [store, new MemoryObjects()]) {
      expect(isObjectStore(resolveRemoteAuthOptions({ store: each }).store)).toBe(true);
    }
  });

  it.each([
    ['backupSyncIntervalMs', 0],
    ['backupSyncIntervalMs', -1],
    ['backupSyncIntervalMs', 99],
    ['backupSyncIntervalMs', Number.NaN],
    ['backupSyncIntervalMs', '60000'],
    // More than a timer can take, which would then fire at once.
    ['backupSyncIntervalMs', 2 ** 31],
    ['leaseTermMs', 1000],
    ['storeTimeoutMs', -1],
    ['rmMaxRetries', 1.5],
    ['onLeaseHeld', 'steal'],
    ['handleSignals', 'yes'],
    ['backupInterval', 60_000],
  ])('refuse %s: %s, by name', (name, value) => {
    expect(refusal({ store, [name]: value })).toMatchObject({ code: 'INVALID_OPTION' });
    expect(refusal({ store, [name]: value }).message).toContain(name);
  });

  it('refuse a name that is no name, and a key that is no key', () => {
    expect(refusal({ store, clientId: '../x' }).code).toBe('INVALID_CLIENT_ID');
    expect(refusal({ store, encryptionKey: Buffer.alloc(3) }).code).toBe('INVALID_KEY');
  });
});
