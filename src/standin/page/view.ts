import type { ConnModel } from './linking.js';
import type { SocketModel } from './socket.js';

const WORDS: Record<string, string> = {
  UNLAUNCHED: 'Starting',
  OPENING: 'Connecting',
  PAIRING: 'Linking',
  UNPAIRED: 'Not linked. Waiting for a phone',
  UNPAIRED_IDLE: 'Not linked. The code has expired',
  CONNECTED: 'Linked and connected',
  CONFLICT: 'Open in another browser',
  TIMEOUT: 'No connection. Trying again',
};

/** Keeps the visible page saying what state it is in. */
export function showState(socket: SocketModel, conn: ConnModel): void {
  const show = () => {
    const words = WORDS[socket.state] ?? socket.state;
    const synced = socket.hasSynced ? 'ready' : 'not ready yet';
    setText('state', words);
    setText('detail', socket.state === 'CONNECTED' ? `${conn.pushname ?? ''}, ${synced}` : '');
  };
  socket.on('change', show);
  conn.on('change', show);
  show();
}

function setText(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}
