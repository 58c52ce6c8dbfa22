import { randomBytes } from 'node:crypto';
import type { Incoming } from '../../src/standin/index.js';

const BYTES = 1000;

/** A message like any other, of a thousand characters. */
export function oneMessage(): Incoming {
  return { body: randomBytes(BYTES).toString('base64').slice(0, BYTES) };
}
