import type { Rate } from './limits/rate-limit.js';
import { ownAddress } from './own-address.js';
import { allowedHosts } from './security/check-host.js';

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

const DEFAULT_RATE: Rate = { burst: 300, perSecond: 100 };
const DEFAULT_STREAMS = { admin: 100, viewer: 100, customer: 200, worker: 100 };

export interface GivenSettings {
  host: string;
  /** Where other workers reach it; an origin. Default: by `host` and the port. */
  address?: string | undefined;
  /** What people type; an origin. Default: the address. */
  publicUrl?: string | undefined;
  /** Further host names by which the server may be asked. */
  allowHosts?: readonly string[] | undefined;
  rate?: Rate | undefined;
  streams?: Partial<Settings['streams']> | undefined;
}

export function settingsOf(options: GivenSettings, port: number): Settings {
  const { host, allowHosts = [], rate = DEFAULT_RATE, streams } = options;
  const address = options.address ?? ownAddress(host, port);
  const publicUrl = options.publicUrl ?? address;
  return {
    address,
    publicUrl,
    allowedHosts: allowedHosts(host, [address, publicUrl, ...allowHosts]),
    rate,
    streams: { ...DEFAULT_STREAMS, ...streams },
  };
}
