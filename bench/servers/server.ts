import type { StorePlace } from '../stores/store-place.js';

/** A real server that stores are on, for one run. */
export interface Server {
  /** An empty place on it, each time another. */
  newPlace(): StorePlace;
  /** Ends it, or leaves one that was there before as it was. */
  close(): Promise<void>;
}

/** A server, or why it cannot be had here. */
export type ServerOrReason = { server: Server } | { reason: string };

export async function orReason(opening: Promise<Server>): Promise<ServerOrReason> {
  try {
    return { server: await opening };
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : `${error}`).split('\n', 1);
    return { reason };
  }
}
