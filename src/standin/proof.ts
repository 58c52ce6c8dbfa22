import { createHash, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Checks a signature made by WebCrypto (ECDSA P-256, raw public key, r and s side by side). */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = {
      key: fromRaw(Buffer.from(publicKey, 'base64')),
      dsaEncoding: 'ieee-p1363',
    } as const;
    return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** What a phone proves to the page it links: that it has seen the page's secret and its keys. */
export function linkingProof(secret: string, parts: string[]): string {
  return createHmac('sha256', secret).update(parts.join(',')).digest('base64');
}

/** The ratchet's next step; the page computes the same. */
export function nextChain(chain: string, payload: string): string {
  return createHash('sha256').update(`${chain}\n${payload}`).digest('base64');
}

function fromRaw(point: Buffer): KeyObject {
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33, 65).toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
}
