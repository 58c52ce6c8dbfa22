import { PAIRING_CODE_MS } from '../../client/options.js';
import { HoldfastError } from '../../errors.js';
import type { SessionClient } from './session-client.js';
import { now, type SessionState } from './session-state.js';

export interface FollowOptions {
  client: SessionClient;
  state: SessionState;
  /** The phone number that a pairing code was asked for. */
  phone(): string;
  /** A logout was asked for here. */
  isLoggingOut(): boolean;
  /** The device was linked just now, by a QR or a code. */
  onLinked(): void;
}

/** Has a session's state say what its client tells. */
export function followClient(options: FollowOptions): void {
  const { client, state, phone, isLoggingOut, onLinked } = options;
  client.on('qr', (qr) => state.showQr(qr));
  client.on('code', (code) => state.showCode(code, phone(), PAIRING_CODE_MS));
  client.on('authenticated', () => {
    const isNewLink = state.state === 'qr' || state.state === 'code';
    state.enter('syncing');
    if (isNewLink) onLinked();
  });
  client.on('ready', () => {
    const { wid, pushname = '' } = client.info ?? {};
    state.ready(wid === undefined ? null : { id: wid._serialized, name: pushname });
  });
  client.on('change_state', (pageState) => {
    if (pageState === 'CONNECTED' && state.state === 'offline') state.enter('ready');
    else if (pageState !== 'CONNECTED' && state.state === 'ready') {
      state.enter('offline', `WhatsApp Web says ${pageState}.`);
    }
  });
  client.on('disconnected', (reason) => {
    if (reason !== 'LOGOUT' || isLoggingOut()) return;
    state.account = null;
    state.alert(
      'unlinked',
      'UNLINKED',
      'The device was unlinked, on the phone or by WhatsApp. Link it again.',
    );
    state.enter('starting', 'The device was unlinked.');
  });
  client.on('auth_failure', (message) => state.enter('starting', String(message)));
  followSaves(client, state);
}

function followSaves(client: SessionClient, state: SessionState): void {
  client.on('session_saved', ({ sequence, bytesSent, durationMs, size }) => {
    state.saved({ at: now(), sequence, bytesSent, durationMs: Math.round(durationMs), size });
  });
  client.on('session_save_failed', ({ error, nextTryMs }) => {
    state.saveFailed(codeOf(error), messageOf(error), nextTryMs);
  });
  client.on('session_restored', (restored) => {
    const { from } = restored;
    const durationMs = Math.round(restored.durationMs);
    state.happened({ at: now(), what: 'restored', from, durationMs });
    const skipped = restored.from === 'store' ? restored.skipped : [];
    if (skipped.length === 0) return state.clear('restore');
    state.alert(
      'restore',
      'SNAPSHOT_DAMAGED',
      `It was started from an earlier snapshot: ${skipped.length} newer could not be restored. ` +
        'Check what is stored.',
    );
  });
  client.on('lease_lost', ({ error: { code, message } }) => {
    state.happened({ at: now(), what: 'lease-lost', code, message });
  });
}

function codeOf(error: unknown): string {
  return error instanceof HoldfastError ? error.code : 'UNEXPECTED';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
