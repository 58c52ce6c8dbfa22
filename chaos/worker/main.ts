import { holdfast, load } from '../../bench/built.js';
import type * as OpenStore from '../../src/stores/open-store.js';
import { ChaoticStore } from './chaotic-store.js';
import type { ToWorker, WorkerEvent, WorkerSettings } from './messages.js';

// One worker: a process that holds a session by RemoteAuth, as a user's program would.

type Untimed<E> = E extends WorkerEvent ? Omit<E, 'at'> : never;

function tell(event: Untimed<WorkerEvent>): void {
  if (process.connected) process.send?.({ at: Date.now(), ...event });
}

const settings = JSON.parse(process.env.CHAOS_WORKER ?? '') as WorkerSettings;
const { openStore } = load<typeof OpenStore>('stores/open-store.js');
let goOn = () => {};
const store = new ChaoticStore(openStore(settings.storeUrl), {
  ...settings,
  onHalt: () =>
    new Promise((resolve) => {
      goOn = resolve;
      tell({ event: 'halted' });
    }),
});

process.on('message', (message: ToWorker) => {
  if (message.type === 'halt') store.haltAt(message.halt);
  else if (message.type === 'go-on') {
    store.haltAt(null);
    goOn();
  } else store.state = message.state;
});
// Whoever started this is gone: the browser follows by itself.
process.on('disconnect', () => process.exit(1));

const { clientId, dataPath, leaseTermMs, intervalMs } = settings;
const client = new holdfast.Client({
  authStrategy: new holdfast.RemoteAuth({
    store,
    clientId,
    dataPath,
    leaseTermMs,
    backupSyncIntervalMs: intervalMs,
    encryptionKey: Buffer.alloc(32, 7),
    retention: { snapshots: 3 },
  }),
  puppeteer: { args: settings.browserArgs },
});

client.on('qr', (qr) => tell({ event: 'qr', qr }));
client.on('authenticated', () => tell({ event: 'authenticated' }));
client.on('ready', () => tell({ event: 'ready' }));
client.on('session_saved', ({ generation, sequence, durationMs, reason }) =>
  tell({ event: 'saved', generation, sequence, durationMs, reason }),
);
client.on('session_save_failed', ({ error, nextTryMs }) =>
  tell({ event: 'save-failed', error: String(error), nextTryMs }),
);
client.on('session_restored', (restored) => {
  const { from, durationMs } = restored;
  const skipped = from === 'store' ? restored.skipped.length : 0;
  tell({ event: 'restored', from, durationMs, skipped });
});
client.on('lease_waiting', () => tell({ event: 'lease-waiting' }));
client.on('lease_lost', ({ error }) => tell({ event: 'lease-lost', error: error.message }));
client.on('auth_failure', (message) => tell({ event: 'auth-failure', message: String(message) }));
client.on('disconnected', (reason) => {
  tell({ event: 'disconnected', reason });
  if (reason !== 'LOGOUT') void client.destroy().then(() => process.disconnect());
});
client.initialize().catch((error: Error) => {
  tell({ event: 'failed', error: String(error) });
  process.disconnect();
});
