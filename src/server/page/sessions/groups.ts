import type { SessionView } from '../../../fleet/session-view.js';

export interface Group {
  name: string;
  label: string;
  has(view: SessionView): boolean;
}

const ofStates =
  (...states: SessionView['state'][]) =>
  ({ state }: SessionView) =>
    states.includes(state);

/** What the list can be narrowed to. */
export const GROUPS: readonly [Group, ...Group[]] = [
  { name: 'all', label: 'All', has: () => true },
  { name: 'ready', label: 'Ready', has: ofStates('ready') },
  { name: 'link', label: 'To be linked', has: ofStates('qr', 'code') },
  { name: 'busy', label: 'Starting or closing', has: ofStates('starting', 'syncing', 'stopping') },
  { name: 'waiting', label: 'Waiting', has: ofStates('waiting') },
  { name: 'offline', label: 'Offline', has: ofStates('offline') },
  { name: 'failing', label: 'Failing', has: ofStates('backing-off') },
  { name: 'stopped', label: 'Stopped', has: ofStates('stopped') },
  { name: 'alerts', label: 'With alerts', has: ({ alerts }) => alerts.length > 0 },
];

export function matches(view: SessionView, search: string): boolean {
  if (search === '') return true;
  const { id, account } = view;
  // A phone number is searched as people write it.
  const digits = search.replace(/[\s+().-]/g, '');
  const texts = [id, account?.name ?? '', account?.id ?? ''].map((text) => text.toLowerCase());
  return (
    texts.some((text) => text.includes(search.toLowerCase())) ||
    (/^\d{3,}$/.test(digits) && (account?.id ?? '').includes(digits))
  );
}
