import type { FleetSessionState } from '../../fleet/session-view.js';
import { announce } from './announce.js';
import type { SessionStore } from './live/session-store.js';
import { currentRoute } from './router.js';
import { STATES } from './words/states.js';

const WORTH_SAYING: FleetSessionState[] = ['ready', 'offline', 'backing-off', 'stopped'];

/** Says to a screen reader what matters of what the list shows. Answers with what ends it. */
export function watchTroubles(store: SessionStore): () => void {
  return store.stateChanged.listen(({ view: { id, state }, from }) => {
    if (from === null || !WORTH_SAYING.includes(state)) return;
    if (currentRoute().name === 'sessions') announce(`${id}: ${STATES[state].label}.`);
  });
}
