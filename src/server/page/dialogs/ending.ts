import { notify } from '../announce.js';
import { api } from '../live/api.js';
import { openConfirmDialog } from './confirm.js';

export function openLogoutDialog(id: string): void {
  openConfirmDialog({
    title: `Log out ${id}?`,
    paragraphs: [
      'The linked device goes from the phone, and the stored session with all its snapshots is deleted. This cannot be taken back.',
      'To use it again, the phone has to be linked anew. It stays in the list until you remove it.',
    ],
    submit: 'Log out',
    busy: 'Logging out…',
    async onConfirm() {
      await api.logOutSession(id);
      notify(`${id} is logged out.`);
    },
  });
}

export function openRemoveDialog(id: string): void {
  openConfirmDialog({
    title: `Remove ${id}?`,
    paragraphs: [
      'It is saved, closed and taken off the list. The phone is not logged out.',
      'If what is stored stays, adding the same id again opens it without linking.',
    ],
    option: 'Also delete what is stored of it. The phone would have to be linked anew.',
    submit: 'Remove',
    busy: 'Removing…',
    async onConfirm(isPurge) {
      await api.remove(id, isPurge);
      notify(`${id} is removed${isPurge ? ', with what was stored' : ''}.`);
    },
  });
}
