import { randomBytes } from 'node:crypto';
import type { WireMessage } from './wire.js';

/** Who writes when a test does not say. */
const SOMEBODY = '12025550123@c.us';

export interface Incoming {
  /** Default: somebody. */
  from?: string;
  /** Who wrote it, if `from` is a group (`…@g.us`). */
  author?: string;
  body: string;
}

export interface Undecryptable extends Incoming {
  /** Whether the phone answers when the page asks for the message again. */
  answersResend: boolean;
  /** One that ends in `_unavailable_fanout` says that the message will never come. */
  subtype?: string;
}

/** A message the device sent. */
export interface SentMessage extends WireMessage {
  /** Tells the device: 2 delivered, 3 read. Resolves once it has been told. */
  acknowledge(ack: 2 | 3): Promise<void>;
}

export function composeMessage({ from, author, body }: Incoming): WireMessage {
  return {
    id: `3A${randomBytes(9).toString('hex').toUpperCase()}`,
    chat: from ?? SOMEBODY,
    fromMe: false,
    body,
    t: Math.floor(Date.now() / 1000),
    type: 'chat',
    notifyName: 'Somebody',
    ...(author === undefined ? {} : { author }),
  };
}

/** A message's key as the page serializes it. */
export function keyOf({ fromMe, chat, id, author }: WireMessage): string {
  return [fromMe, chat, id, ...(author === undefined ? [] : [author])].join('_');
}
