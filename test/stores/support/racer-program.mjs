// One of several that want a session of the store at a URL. Does what its parent tells it:
//
//   node racer-program.mjs <dist> <url> <session> <termMs>
//
// `take` and how, `save` and the folder; it answers each by one message.

import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, url, session, termMs] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { openStore } = await load('index.js');
const { ProfileCapturer } = await load('engine.js');
const { joinWorker } = await load('snapshot/lease/join-worker.js');
const { takeSession } = await load('snapshot/lease/take-session.js');

const store = openStore(url, { requests: { timeoutMs: 30_000 } });
const { worker } = await joinWorker(store, Number(termMs));
worker.claim(session, { onWanted: () => {}, onLost: () => {} });
let writer;

const actions = {
  async take(onLeaseHeld) {
    writer = await takeSession({ store, session, worker, onLeaseHeld });
    return writer.generation;
  },
  async save(profile) {
    const captured = await new ProfileCapturer(profile).capture();
    try {
      return (await writer.save(captured)).sequence;
    } finally {
      await captured.release();
    }
  },
};

process.on('message', async ({ action, argument }) => {
  try {
    process.send({ done: await actions[action](argument) });
  } catch (error) {
    process.send({ failed: error.code ?? String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ done: 'started' });
