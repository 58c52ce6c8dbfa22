import { createHmac } from 'node:crypto';

/**
 * What a hook's receiver knows Holdfast by. It is nowhere stored: every worker makes it anew.
 *
 * @param secret the fleet's
 */
export function webhookSecret(secret: Uint8Array, id: string): string {
  return createHmac('sha256', secret).update(`holdfast webhook ${id}`).digest('hex');
}

/**
 * The header `X-Holdfast-Signature`. The time is in it, so that a receiver can refuse what somebody
 * has recorded and sends again.
 *
 * @param secret the hook's; its characters are the key
 */
export function signatureOf(secret: string, body: string, seconds: number): string {
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${signature}`;
}
