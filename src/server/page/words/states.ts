import type { FleetSessionState } from '../../../fleet/session-view.js';
import type { IconName } from '../icon.js';

export type Tone = 'good' | 'link' | 'busy' | 'warn' | 'bad' | 'quiet';

export interface StateWords {
  label: string;
  tone: Tone;
  icon: IconName;
  /** What it means for whoever looks after the session. */
  meaning: string;
}

export const STATES: Record<FleetSessionState, StateWords> = {
  waiting: {
    label: 'Waiting',
    tone: 'quiet',
    icon: 'clock',
    meaning: 'No worker holds it at present. One with a free place takes it.',
  },
  starting: {
    label: 'Starting',
    tone: 'busy',
    icon: 'progress',
    meaning: 'Its worker restores it and starts its browser.',
  },
  qr: {
    label: 'To be linked',
    tone: 'link',
    icon: 'qr',
    meaning: 'Not linked to a phone. A QR code is waiting to be scanned.',
  },
  code: {
    label: 'To be linked',
    tone: 'link',
    icon: 'qr',
    meaning: 'Not linked to a phone. A pairing code is waiting to be typed on the phone.',
  },
  syncing: {
    label: 'Loading',
    tone: 'busy',
    icon: 'progress',
    meaning: 'The login was accepted. WhatsApp Web is loading.',
  },
  ready: { label: 'Ready', tone: 'good', icon: 'check', meaning: 'Linked and usable.' },
  offline: {
    label: 'Offline',
    tone: 'warn',
    icon: 'cut',
    meaning: 'Linked, but WhatsApp Web has no connection. It goes on by itself.',
  },
  'backing-off': {
    label: 'Failing',
    tone: 'bad',
    icon: 'cross',
    meaning: 'It failed and is tried again after a pause.',
  },
  stopping: {
    label: 'Closing',
    tone: 'busy',
    icon: 'progress',
    meaning: 'It is being saved and closed.',
  },
  stopped: {
    label: 'Stopped',
    tone: 'quiet',
    icon: 'stop',
    meaning: 'It does not run: it was logged out, or has ended for good.',
  },
};

export const isToBeLinked = (state: FleetSessionState): boolean =>
  state === 'qr' || state === 'code';
