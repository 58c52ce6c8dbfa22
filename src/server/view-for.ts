import type { SessionView } from '../fleet/session-view.js';
import type { Role } from './auth/caller.js';

/** What a role is shown of a session: a pairing code links a phone, which a viewer may not. */
export function viewFor(role: Role, view: SessionView): SessionView {
  return role === 'admin' ? view : { ...view, code: null };
}
