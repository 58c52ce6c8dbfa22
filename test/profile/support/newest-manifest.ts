import type { Manifest } from '../../../src/snapshot/manifest.js';
import { openSession, type SessionLocation } from '../../../src/snapshot/open-session.js';
import { readManifest } from '../../../src/snapshot/read-manifest.js';

/** What the newest snapshot of a session says of itself. */
export async function newestManifest(location: SessionLocation): Promise<Manifest> {
  const { head, reader } = await openSession(location);
  const last = head.snapshots.at(-1);
  if (!last) throw new Error('no snapshot');
  return (await readManifest(reader, last.manifest)).manifest;
}
