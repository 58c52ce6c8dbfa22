import type { Happening, SessionView } from '../../../fleet/session-view.js';
import { request } from './request.js';

export type Role = 'admin' | 'viewer';

export interface Snapshot {
  generation: number;
  sequence: number;
  savedAt: string;
  size: number | null;
  browserVersion: string | null;
}

export interface Snapshots {
  snapshots: Snapshot[];
  storedBytes: number;
}

export interface CheckResult {
  isWhole: boolean;
  snapshots: { sequence: number; isWhole: boolean; problem: string | null }[];
  durationMs: number;
}

export interface PairingCode {
  code: string;
  validUntil: string;
}

export interface CustomerLink {
  url: string;
  expiresAt: string;
}

export interface SentMessage {
  id: string;
  to: string;
  timestamp: number;
}

const path = (id: string, rest = ''): string => `/api/v1/sessions/${encodeURIComponent(id)}${rest}`;

/** The HTTP API of `holdfast serve`, as far as this page uses it. */
export const api = {
  me: () => request<{ role: Role }>('GET', '/auth/me'),
  logIn: (token: string) => request<{ role: Role }>('POST', '/auth/login', { token }),
  logOut: () => request<void>('POST', '/auth/logout'),

  add: (id: string) => request<SessionView>('POST', '/api/v1/sessions', { id }),
  remove: (id: string, purge: boolean) => request<void>('DELETE', path(id, `?purge=${purge}`)),
  restart: (id: string) => request<SessionView>('POST', path(id, '/restart')),
  logOutSession: (id: string) => request<SessionView>('POST', path(id, '/logout')),
  pair: (id: string, phone: string) =>
    request<PairingCode>('POST', path(id, '/pairing-code'), { phone }),
  cancelPairing: (id: string) => request<void>('DELETE', path(id, '/pairing-code')),
  send: (id: string, to: string, text: string) =>
    request<SentMessage>('POST', path(id, '/messages'), { to, text }),
  createLink: (id: string, validMinutes: number) =>
    request<CustomerLink>('POST', path(id, '/links'), { validMinutes }),

  history: (id: string) => request<{ happenings: Happening[] }>('GET', path(id, '/history')),
  snapshots: (id: string) => request<Snapshots>('GET', path(id, '/snapshots')),
  check: (id: string) => request<CheckResult>('POST', path(id, '/snapshots/check')),
  restore: (id: string, sequence: number) =>
    request<SessionView>('POST', path(id, `/snapshots/${sequence}/restore`)),

  qrAddress: (id: string, serial: number) => path(id, `/qr.svg?serial=${serial}`),
  exportAddress: (id: string) => path(id, '/export'),
};
