import type { SessionRestored } from '../auth/remote/events.js';
import type { Client } from '../client/client.js';
import { qrLifetimeMs } from '../whatsapp/qr-lifetime.js';
import { errorReport } from './exit-codes.js';
import type { Reporter, RestoredReport } from './reporter.js';
import { skippedReports } from './skipped-snapshots.js';

/** Has everything shown that a client says. */
export function reportEvents(client: Client, reporter: Reporter, keptIn: string): void {
  let qrs = 0;
  client.on('qr', (qr) => {
    reporter.say({ event: 'qr', qr, validMs: qrLifetimeMs(qrs === 0) });
    qrs++;
  });
  client.on('code', (code) => reporter.say({ event: 'code', code }));
  client.on('change_state', (state) => reporter.say({ event: 'change_state', state }));
  client.on('authenticated', () => reporter.say({ event: 'authenticated' }));
  client.on('loading_screen', (percent) => reporter.say({ event: 'loading_screen', percent }));
  client.on('auth_failure', (message) =>
    reporter.say({ event: 'auth_failure', message: String(message) }),
  );
  client.on('message', ({ from, body }) => reporter.say({ event: 'message', from, body }));
  client.on('ready', () => {
    const { wid, pushname = '' } = client.info ?? {};
    reporter.say({ event: 'ready', account: wid?._serialized ?? 'unknown', name: pushname });
  });
  client.on('disconnected', (reason) => {
    qrs = 0;
    reporter.say({ event: 'disconnected', reason });
  });
  client.on('session_saved', (saved) => reporter.say({ event: 'session_saved', keptIn, ...saved }));
  client.on('session_save_failed', ({ error, ...failed }) =>
    reporter.say({ event: 'session_save_failed', ...failed, error: errorReport(error) }),
  );
  client.on('session_restored', (restored) => reporter.say(restoredReport(restored, keptIn)));
  client.on('session_adopted', (adopted) => reporter.say({ event: 'session_adopted', ...adopted }));
  client.on('lease_waiting', (waiting) => reporter.say({ event: 'lease_waiting', ...waiting }));
  client.on('lease_lost', ({ session, error }) =>
    reporter.say({ event: 'lease_lost', session, error: errorReport(error) }),
  );
}

function restoredReport(restored: SessionRestored, keptIn: string): RestoredReport {
  const { session, durationMs, browserVersion, from } = restored;
  const common = { event: 'session_restored' as const, session, durationMs, browserVersion };
  if (from === 'disk') return { ...common, from };
  const { sequence, savedAt, bytes, bytesFetched } = restored;
  const skipped = skippedReports(restored.skipped);
  return { ...common, from, keptIn, sequence, savedAt, bytes, bytesFetched, skipped };
}
