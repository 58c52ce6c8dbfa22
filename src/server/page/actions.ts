import type { FleetSessionState, SessionView } from '../../fleet/session-view.js';
import { notify } from './announce.js';
import type { App } from './app.js';
import { openCustomerLinkDialog } from './dialogs/customer-link.js';
import { openLogoutDialog, openRemoveDialog } from './dialogs/ending.js';
import { openExportDialog } from './dialogs/export.js';
import { openLinkDialog } from './dialogs/link.js';
import { openSendDialog } from './dialogs/send.js';
import { api } from './live/api.js';
import { messageOf } from './live/request.js';
import { isToBeLinked } from './words/states.js';

/** Something that an admin may do with a session in its present state. */
export interface Action {
  label: string;
  isDanger?: boolean;
  start(): void;
}

const MAY_NEED_LINKING: FleetSessionState[] = ['qr', 'code', 'waiting', 'starting', 'stopped'];
/** A customer cannot start it. */
const COMES_TO_QR: FleetSessionState[] = ['qr', 'code', 'waiting', 'starting'];
const HAS_LOGIN: FleetSessionState[] = ['syncing', 'ready', 'offline'];

/** What is most likely wanted; none for a viewer, who may only look. */
export function mainAction(app: App, { id, state }: SessionView): Action | null {
  if (app.role !== 'admin') return null;
  return isToBeLinked(state) ? { label: 'Link', start: () => openLinkDialog(app, id) } : null;
}

/** All of them, in the order of a menu. */
export function actionsFor(app: App, { id, state, lastSave }: SessionView): Action[] {
  if (app.role !== 'admin') return [];
  const actions: Action[] = [];
  if (MAY_NEED_LINKING.includes(state)) {
    actions.push({ label: 'Link', start: () => openLinkDialog(app, id) });
  }
  if (COMES_TO_QR.includes(state)) {
    actions.push({ label: 'Link for the customer', start: () => openCustomerLinkDialog(id) });
  }
  if (state === 'ready') {
    actions.push({ label: 'Send a test message', start: () => openSendDialog(id) });
  }
  actions.push({ label: restartLabel(state), start: () => void restart(id, state) });
  if (lastSave) actions.push({ label: 'Export', start: () => openExportDialog(id) });
  if (HAS_LOGIN.includes(state)) {
    actions.push({ label: 'Log out', isDanger: true, start: () => openLogoutDialog(id) });
  }
  actions.push({ label: 'Remove', isDanger: true, start: () => openRemoveDialog(id) });
  return actions;
}

function restartLabel(state: FleetSessionState): string {
  if (state === 'stopped') return 'Start';
  return state === 'backing-off' ? 'Try again now' : 'Restart';
}

async function restart(id: string, state: FleetSessionState): Promise<void> {
  try {
    await api.restart(id);
    notify(state === 'stopped' ? `${id} starts.` : `${id} is closed and started again.`);
  } catch (error) {
    notify(`${id} was not restarted: ${messageOf(error)}`);
  }
}
