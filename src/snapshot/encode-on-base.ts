import type { Manifest, ManifestBase } from './manifest.js';
import { encodeManifest } from './manifest-encoding.js';

/** A manifest that is no bigger than this part of the one it is based on, or this, has a base. */
const DELTA_SHARE = 4;
const LEAST_FULL_BYTES = 4096;

/** Only what differs from the base, unless that is much. */
export function encodeOnBase(
  manifest: Manifest,
  base: ManifestBase | null,
): { encoded: Uint8Array; base: ManifestBase | null } {
  const delta = base && encodeManifest(manifest, base);
  const isWorthwhile =
    delta !== null &&
    base !== null &&
    delta.length <= Math.max(LEAST_FULL_BYTES, base.ref.length / DELTA_SHARE);
  return isWorthwhile
    ? { encoded: delta, base }
    : { encoded: encodeManifest(manifest, null), base: null };
}
