import { randomBytes } from 'node:crypto';
import type { ServerOrReason } from '../servers/server.js';
import type { StorePlace } from '../stores/store-place.js';
import { openHoldfast } from './holdfast.js';
import type { OpenPeer, Peer, Place } from './peer.js';
import { openRemoteAuth } from './whatsapp-web-js.js';

interface Names {
  server: string;
  /** Holdfast's store, and the one that whatsapp-web.js's users have. */
  ours: string;
  theirs: string;
}

const ON_MONGODB: Names = { server: 'MongoDB', ours: 'MongoStore', theirs: 'wwebjs-mongo' };
const ON_S3: Names = { server: 'S3', ours: 'AwsS3Store', theirs: 'wwebjs-aws-s3' };

/** All that are compared, each with a place of its own on one of the servers. */
export function serverPeers(mongo: ServerOrReason, s3: ServerOrReason): Peer[] {
  return [...peersOn(mongo, ON_MONGODB), ...peersOn(s3, ON_S3)];
}

/** What one peer's figures are compared with: Holdfast's on the same server. */
export function holdfastBeside(peer: string): string | undefined {
  const names = [ON_MONGODB, ON_S3].find((each) => namesOf(each).all.includes(peer));
  return names && namesOf(names).holdfast;
}

function peersOn(on: ServerOrReason, names: Names): Peer[] {
  const { holdfast, withTheirs, withOurs } = namesOf(names);
  const peer = (
    name: string,
    isIncremental: boolean,
    open: (place: Place, store: StorePlace) => Promise<OpenPeer>,
  ): Peer => ({
    name,
    isIncremental,
    isOnServer: true,
    unavailable: async () => ('reason' in on ? on.reason : undefined),
    async open(place) {
      if ('reason' in on) throw new Error(on.reason);
      return open(place, on.server.newPlace());
    },
  });
  return [
    peer(holdfast, true, openHoldfast),
    peer(withTheirs, false, (place, store) => openRemoteAuth(place, store)),
    peer(withOurs, true, (place, store) => openRemoteAuth(place, store, randomBytes(32))),
  ];
}

function namesOf({ server, ours, theirs }: Names) {
  const holdfast = `holdfast, ${server}`;
  const withTheirs = `whatsapp-web.js, ${theirs}`;
  const withOurs = `whatsapp-web.js, our ${ours}`;
  return { holdfast, withTheirs, withOurs, all: [holdfast, withTheirs, withOurs] };
}
