import type { FleetMessage } from '../../fleet/fleet-events.js';
import type { Happening, SessionView } from '../../fleet/session-view.js';

/** Of all sessions of the fleet, wherever they are held. */
export interface DirectoryEvents {
  session: [view: SessionView];
  /** It is not on the roster any more. */
  removed: [id: string];
  workers: [];
  happening: [id: string, happening: Happening];
  message: [id: string, message: FleetMessage];
}
