import type { Rate } from './limits/rate-limit.js';

/** How the server answers; fixed while it runs. */
export interface Settings {
  /** Host names by which it may be asked, without ports. */
  allowedHosts: ReadonlySet<string>;
  /** Where other workers reach this one. */
  address: string;
  /** What people type, an origin; links for customers begin with it. */
  publicUrl: string;
  /** Requests of one address. */
  rate: Rate;
  streams: Record<'admin' | 'viewer' | 'customer' | 'worker', number>;
}

export const DEFAULT_RATE: Rate = { burst: 300, perSecond: 100 };
export const DEFAULT_STREAMS = { admin: 100, viewer: 100, customer: 200, worker: 100 };
