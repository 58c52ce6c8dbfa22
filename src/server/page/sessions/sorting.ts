import type { FleetSessionState, SessionView } from '../../../fleet/session-view.js';

export type SortKey = 'id' | 'state' | 'account' | 'saved' | 'size' | 'worker' | 'alerts';

export interface Sorting {
  key: SortKey;
  isDescending: boolean;
}

/** What needs somebody comes first. */
const STATES: FleetSessionState[] = [
  'backing-off',
  'offline',
  'qr',
  'code',
  'waiting',
  'starting',
  'syncing',
  'stopping',
  'stopped',
  'ready',
];

const VALUES: Record<SortKey, (view: SessionView) => string | number> = {
  id: ({ id }) => id,
  state: ({ state }) => STATES.indexOf(state),
  account: ({ account }) => account?.name ?? '',
  saved: ({ lastSave }) => (lastSave ? Date.parse(lastSave.at) : 0),
  size: ({ size }) => size ?? -1,
  worker: ({ worker }) => worker?.host ?? '',
  alerts: ({ alerts }) => alerts.length,
};

/** Which way round a column is first sorted. */
export const startsDescending = (key: SortKey): boolean =>
  key === 'saved' || key === 'size' || key === 'alerts';

// `acme-2` before `acme-10`.
const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function compareBy({ key, isDescending }: Sorting) {
  const value = VALUES[key];
  const sign = isDescending ? -1 : 1;
  return (one: SessionView, other: SessionView): number => {
    const [a, b] = [value(one), value(other)];
    const order =
      typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b));
    return order === 0 ? words.compare(one.id, other.id) : sign * order;
  };
}
