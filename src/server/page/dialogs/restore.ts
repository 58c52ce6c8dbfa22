import { notify } from '../announce.js';
import { api, type Snapshot } from '../live/api.js';
import { formatDateTime } from '../words/times.js';
import { openConfirmDialog } from './confirm.js';

export function openRestoreDialog(id: string, { sequence, savedAt }: Snapshot): void {
  openConfirmDialog({
    title: `Go back to snapshot ${sequence}?`,
    paragraphs: [
      `${id} is closed and opened again as it was on ${formatDateTime(savedAt)}. It stays linked.`,
      'Do this only when the newest snapshot is broken. The earlier login has older message keys: messages that came since may not be readable, and are asked for again from those who sent them.',
    ],
    submit: 'Go back',
    busy: 'Going back…',
    async onConfirm() {
      await api.restore(id, sequence);
      notify(`${id} goes back to snapshot ${sequence}.`);
    },
  });
}
