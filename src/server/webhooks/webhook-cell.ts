import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ApiError } from '../api-error.js';
import type { WEBHOOK_EVENTS } from '../schemas/webhooks.js';

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface Webhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  /** ISO 8601, UTC. */
  createdAt: string;
}

export const WEBHOOKS_KEY = 'fleet/webhooks';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The list of webhooks as the store keeps it: sealed. Addresses often have a secret in them, and
 * whoever could add one would be sent every message.
 */
export function encodeWebhooks(key: Uint8Array, webhooks: readonly Webhook[]): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(WEBHOOKS_KEY));
  const sealed = [cipher.update(JSON.stringify({ format: 1, webhooks })), cipher.final()];
  return Buffer.concat([iv, ...sealed, cipher.getAuthTag()]);
}

/** @throws {ApiError} WEBHOOKS_UNREADABLE */
export function decodeWebhooks(key: Uint8Array, value: Uint8Array | null): Webhook[] {
  if (value === null) return [];
  try {
    const bytes = Buffer.from(value);
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(WEBHOOKS_KEY)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const opened = [decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
    return (JSON.parse(Buffer.concat(opened).toString()) as { webhooks: Webhook[] }).webhooks;
  } catch {
    throw new ApiError(
      409,
      'WEBHOOKS_UNREADABLE',
      `The list of webhooks in the store, ${WEBHOOKS_KEY}, was altered, or written under another ` +
        'fleet secret. Give all workers that secret, or delete the cell and add the webhooks again.',
    );
  }
}
