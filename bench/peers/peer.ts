import type { Cost } from '../measure/work.js';

/** Where a peer works in one run. */
export interface Place {
  /** The profile of a running browser; its folder has whatsapp-web.js's name for it. */
  profile: string;
  /** Folder that stands for the store, unless that is on a server. */
  store: string;
  /** Folder for what the peer needs beside. */
  work: string;
}

/** A save or a restore, measured. */
export interface Done extends Cost {
  /** Requests to the store, where the peer has such a thing. */
  requests: number | null;
  /** Bytes sent to the store. */
  bytesSent: number;
  /** Bytes that came from it, where that is told. */
  bytesReceived?: number;
}

/** One way to keep a profile. */
export interface Peer {
  readonly name: string;
  /** Whether a save costs what has changed; else each is one whole copy more. */
  readonly isIncremental: boolean;
  /** Whether what it keeps is on a server. */
  readonly isOnServer?: boolean;
  /** Why it cannot run here, or undefined. */
  unavailable(): Promise<string | undefined>;
  /** Gets ready, before the profile is there and its browser runs. */
  open(place: Place): Promise<OpenPeer>;
}

export interface OpenPeer {
  /** The browser runs from now on. */
  attach(endpoint: string): Promise<void>;
  save(): Promise<Done>;
  /** After each save: what is no part of its cost. */
  tidy?(): Promise<void>;
  /** Restores what was saved last into an empty folder; says where the profile is then. */
  restore(folder: string): Promise<Done & { profile: string }>;
  close(): Promise<void>;
}

/** The session's name, as whatsapp-web.js gives it for the client id `bench`. */
export const SESSION = 'RemoteAuth-bench';
