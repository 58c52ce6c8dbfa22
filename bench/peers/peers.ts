import { copyPeer } from './copy.js';
import { holdfastPeer } from './holdfast.js';
import type { Peer } from './peer.js';
import { resticPeer } from './restic.js';
import { whatsAppWebJsPeer } from './whatsapp-web-js.js';

export const PEERS: readonly Peer[] = [holdfastPeer, whatsAppWebJsPeer, resticPeer, copyPeer];
