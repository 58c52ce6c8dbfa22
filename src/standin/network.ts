import type { Phone } from './phone.js';
import type { WaitingPage } from './waiting-page.js';
import type { PageBehaviour } from './wire.js';

/** How the stand-in's page behaves from its next load on, and how its QR codes do. */
export interface StandInPage extends PageBehaviour {
  /** Milliseconds the first QR code of a page is valid, and each further one. */
  refLifetimesMs: [first: number, next: number];
  /** QR codes until the page shows `UNPAIRED_IDLE`. */
  refCount: number;
  /** Milliseconds a pairing code is valid. */
  codeLifetimeMs: number;
}

/** What the server's parts share. */
export interface Network {
  readonly page: StandInPage;
  readonly phones: Map<string, Phone>;
  /** Pages that are not linked and wait for a phone. */
  readonly waiting: Set<WaitingPage>;
  /** Pages that have asked to be linked so far. */
  linkingPages: number;
}
