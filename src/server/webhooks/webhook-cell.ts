import { HoldfastError } from '../../errors.js';
import { MAX_CELL_BYTES } from '../../objects/object-store.js';
import {
  FormatError,
  list,
  parseJson,
  record,
  requireFormat,
  text,
  UnknownFormat,
} from '../../snapshot/decode.js';
import { FORMAT_VERSION } from '../../snapshot/format.js';
import { newNonce } from '../../snapshot/head.js';
import type { ListSeal } from './list-seal.js';
import { isWebhookEvent, type Webhook } from './webhook.js';

export const WEBHOOKS_KEY = 'fleet/webhooks';

/** @throws {HoldfastError} WEBHOOK_REFUSED when they do not fit in */
export function encodeWebhooks(hooks: readonly Webhook[], seal: ListSeal): Uint8Array {
  const nonce = newNonce();
  const rows = hooks.map(({ id, url, events, createdAt }) => [id, url, events, createdAt]);
  const sealed = seal.seal(JSON.stringify(rows), nonce);
  const value = Buffer.from(JSON.stringify({ format: FORMAT_VERSION, nonce, sealed }));
  if (value.length <= MAX_CELL_BYTES) return value;
  throw new HoldfastError(
    'WEBHOOK_REFUSED',
    'There is no room for another webhook. Remove one that is not needed any more.',
  );
}

/**
 * A list that is not here is empty; one that cannot be opened never looks like that.
 *
 * @throws {HoldfastError} WEBHOOKS_DAMAGED, FORMAT_UNSUPPORTED
 */
export function decodeWebhooks(value: Uint8Array | null, seal: ListSeal): Webhook[] {
  if (value === null) return [];
  try {
    const parsed = parseJson(Buffer.from(value).toString());
    requireFormat(parsed);
    const cell = record(parsed, 'the list', ['format', 'nonce', 'sealed']);
    return list(open(text(cell.sealed, 'sealed'), text(cell.nonce, 'nonce'), seal), 'webhooks').map(
      decodeWebhook,
    );
  } catch (error) {
    if (error instanceof UnknownFormat) {
      throw new HoldfastError(
        'FORMAT_UNSUPPORTED',
        `The list of webhooks in the cell ${WEBHOOKS_KEY} has a format that this version of ` +
          'Holdfast does not know. Use the version that wrote it, or a newer one.',
      );
    }
    if (!(error instanceof FormatError)) throw error;
    throw new HoldfastError(
      'WEBHOOKS_DAMAGED',
      `In the store, the cell ${WEBHOOKS_KEY}, which lists the webhooks, cannot be used: ` +
        `${error.message}. Give all workers the secret it was written with; or delete the cell ` +
        'and add the webhooks again.',
    );
  }
}

function open(sealed: string, nonce: string, seal: ListSeal): unknown {
  let opened: string;
  try {
    opened = seal.open(sealed, nonce);
  } catch {
    throw new FormatError('it is damaged, or was written with another secret of the fleet');
  }
  return parseJson(opened);
}

function decodeWebhook(value: unknown): Webhook {
  const [id, url, events, createdAt] = list(value, 'a webhook');
  return {
    id: text(id, 'an id'),
    url: text(url, 'a url'),
    // A newer version may know more of them.
    events: list(events, 'events').filter(isWebhookEvent),
    createdAt: text(createdAt, 'createdAt'),
  };
}
