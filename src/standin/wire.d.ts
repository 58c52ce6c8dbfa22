/**
 * What the stand-in's page and its server say to each other: one JSON object per WebSocket
 * frame. Types only, so that the page (ES modules) and the server (CommonJS) share one file.
 */

/** What the phone shows about a linked browser. */
export interface BrowserInfo {
  os: string;
  name: string;
}

export interface Account {
  /** Phone-number user, e.g. `12025550108@c.us`. */
  pn: string;
  lid: string;
  pushname: string;
  platform: string;
}

export interface WireMessage {
  id: string;
  /** The other side: a user or a group. */
  chat: string;
  fromMe: boolean;
  /** Who wrote it, in a group. */
  author?: string;
  body?: string;
  /** Seconds since 1970. */
  t: number;
  type: 'chat' | 'ciphertext';
  subtype?: string;
  notifyName?: string;
  quotedStanzaID?: string;
}

/** One step of a device's ratchet, in the order the server numbered them. */
export type Update =
  | { kind: 'connection'; count: number }
  | { kind: 'message'; message: WireMessage }
  | { kind: 'ack'; key: string; ack: number }
  | { kind: 'decrypted'; key: string; body: string };

/** An update the device had acknowledged and has lost since; its message, if it was one. */
export interface LostUpdate {
  n: number;
  message?: WireMessage;
}

export interface LoginProof {
  /** User and device number, e.g. `12025550108:3@c.us`. */
  wid: string;
  index: number;
  chain: string;
  /** Updates up to `index` that the device's own history lacks. */
  holes: number[];
  noiseSignature: string;
  identitySignature: string;
}

/** A login the page found but cannot open. */
export interface DamagedLogin {
  wid: string;
  damage: string;
}

export type LinkingMode = 'qr' | 'code';

export interface Hello {
  type: 'hello';
  keys: { noise: string; identity: string };
  platform: string;
  mode: LinkingMode;
  login: LoginProof | DamagedLogin | null;
}

export type FromPage =
  | Hello
  | { type: 'refresh-refs' }
  | { type: 'linking-mode'; mode: LinkingMode }
  | { type: 'request-code'; request: number; phoneNumber: string }
  | { type: 'paired'; browser: BrowserInfo }
  | { type: 'pair-refused'; reason: string }
  | { type: 'ack'; n: number }
  | { type: 'send'; message: WireMessage }
  | { type: 'resend'; keys: string[] }
  | { type: 'synced' }
  | { type: 'history-grown'; bytes: number }
  | { type: 'logout' };

export interface Pair {
  type: 'pair';
  wid: string;
  account: Account;
  /** The ratchet's chain at index 0. */
  chain: string;
  /** HMAC over the page's keys and `wid`, keyed by the adv secret or the pairing code. */
  by: 'advSecret' | 'code';
  proof: string;
}

export interface Welcome {
  type: 'welcome';
  account: Account;
  /** The last update there was when the device connected: it has synced when it has this one. */
  backlog: number;
  /** Set when the device is behind what it had acknowledged: where to go on from. */
  behind: { index: number; chain: string; lost: LostUpdate[] } | null;
  /** A state the phone's owner forces on the page instead of `CONNECTED`. */
  forcedState: string | null;
}

export type ToPage =
  | { type: 'challenge'; nonce: string }
  | { type: 'unpaired' }
  | { type: 'ref'; ref: string }
  | { type: 'refs-ended' }
  | { type: 'code'; request: number; code: string }
  | { type: 'code-refused'; request: number; reason: string }
  | Pair
  | { type: 'linked' }
  | Welcome
  | { type: 'update'; n: number; payload: string }
  | { type: 'state'; state: string }
  | { type: 'conflict' }
  | { type: 'grow-history'; bytes: number }
  | { type: 'logout' };

/** How the next page load behaves. */
export interface PageBehaviour {
  /** `Debug.VERSION` of the page. */
  version: string;
  /** Milliseconds before the app starts at all. */
  bootDelayMs: number;
  /** How often the page reloads itself before it has booted. */
  navigationsDuringBoot: number;
  /** Milliseconds from `CONNECTED` to `hasSynced`. */
  syncDelayMs: number;
  /** A linked page shows `Debug.VERSION` only after it has synced, so no event follows. */
  syncedAtBoot: boolean;
  /** Modules (`WAWebCmd`) or members (`WAWebSocketModel.Socket.takeover`) to leave out. */
  withhold: string[];
  /** Which module exports `getADVSecretKey`. */
  advSecretModule: 'WAWebUserPrefsMultiDevice' | 'WAWebAdvSignatureApi';
}
