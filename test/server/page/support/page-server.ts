import path from 'node:path';
import { sessionName } from '../../../../src/auth/session-name.js';
import { openWriter } from '../../../snapshot/support/sessions.js';
import { smallProfile } from '../../../snapshot/support/test-profile.js';
import { SimulatedStore } from '../../support/simulated-fleet.js';
import type { SimulatedSession } from '../../support/simulated-session.js';
import { startServer, type TestServer } from '../../support/test-server.js';

/** The page as it is built: browsers run no TypeScript. */
const PAGE = path.resolve(process.env.HOLDFAST_BUILD ?? 'dist', 'server/page');

export interface PageServer extends TestServer {
  shared: SimulatedStore;
}

/** A server of the page, with a simulated fleet; stop it. */
export async function startPageServer(): Promise<PageServer> {
  const shared = new SimulatedStore();
  return { ...(await startServer({ fleet: { shared }, pageFolder: PAGE })), shared };
}

/** One more session, which shows a QR. */
export async function addSession({ fleet }: PageServer, id: string): Promise<SimulatedSession> {
  await fleet.add(id);
  return fleet.take(id);
}

export async function addLinked(
  server: PageServer,
  id: string,
  { name = 'Bakery Sonne', number = '12025550108', size = 18_000_000 } = {},
): Promise<SimulatedSession> {
  const session = await addSession(server, id);
  session.link(number, name);
  session.save(12_000, size, 140);
  return session;
}

/** Puts this many snapshots of a session into the store, and answers with their sequences. */
export async function storeSnapshots({ shared }: PageServer, id: string, count: number) {
  const session = sessionName(id);
  const writer = await openWriter(shared.objects, { session, encryptionKey: undefined });
  const profile = smallProfile();
  const sequences: number[] = [];
  for (let left = count; left > 0; left--) {
    profile.append();
    const saved = await writer.save(profile.capture());
    if (saved) sequences.push(saved.sequence);
  }
  await writer.release();
  return sequences;
}

/** Takes the objects of the newest snapshot out of the store. */
export async function breakNewestSnapshot({ shared }: PageServer, id: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of shared.objects.list(`packs/${sessionName(id)}/`)) keys.push(key);
  await shared.objects.delete(keys.sort().slice(-1));
}
