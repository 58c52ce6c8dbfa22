import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProfileCapturer } from '../../src/profile/capture/profile-capturer.js';
import { takeSession } from '../../src/snapshot/lease/take-session.js';
import { Worker } from '../../src/snapshot/lease/worker.js';
import { MemoryStore } from '../../src/stores/memory-store.js';
import { writeProfile } from '../support/session-archive.js';
import { type Place, SERVER_PLACES, unique } from './support/places.js';
import { type Answer, Racer } from './support/racer.js';

const RACERS = 20;
const TERM_MS = 3000;
const PATIENCE_MS = 120_000;

let folder: string;
let ofWinner: string;
let ofWinnerLater: string;
let ofNext: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-race-'));
  ofWinner = await makeProfile('winner');
  ofWinnerLater = await makeProfile('winner later');
  ofNext = await makeProfile('next');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function makeProfile(name: string): Promise<string> {
  const profile = path.join(folder, name);
  await writeProfile(profile, name);
  return profile;
}

const PLACES: Record<string, () => Promise<Place>> = {
  file: async () => ({ url: `file:${path.join(folder, 'store')}` }),
  ...SERVER_PLACES,
};

const haveWon = (answers: readonly Answer[]) => answers.filter((answer) => 'done' in answer);

describe.each(Object.keys(PLACES))('on %s', (name) => {
  it(
    `of ${RACERS} processes one gets the session, and cannot save over the next one's after a pause`,
    async () => {
      const place = await PLACES[name]?.();
      if (place === undefined) throw new Error(name);
      const session = `RemoteAuth-${unique()}`;
      const options = { ...place, session, termMs: TERM_MS };
      const racers = await Promise.all(Array.from({ length: RACERS }, () => Racer.start(options)));
      const answers = await Promise.all(racers.map((racer) => racer.tell('take', 'fail')));
      expect(haveWon(answers)).toHaveLength(1);
      const losers = answers.filter((answer) => !('done' in answer));
      expect(new Set(losers.map((answer) => 'failed' in answer && answer.failed))).toEqual(
        new Set(['LEASE_HELD']),
      );

      const winner = racers[answers.findIndex((answer) => 'done' in answer)] as Racer;
      const next = racers[answers.findIndex((answer) => 'failed' in answer)] as Racer;
      expect(await winner.tell('save', ofWinner)).toEqual({ done: 1 });
      winner.signal('SIGSTOP');
      const taken = await next.tell('take', 'wait');
      expect(taken).toEqual({ done: 2 });
      expect(await next.tell('save', ofNext)).toEqual({ done: 2 });
      winner.signal('SIGCONT');
      expect(await winner.tell('save', ofWinnerLater)).toEqual({ failed: 'SESSION_TAKEN' });
      expect(await next.tell('save', ofWinner)).toEqual({ done: 3 });
    },
    PATIENCE_MS,
  );
});

it(`of ${RACERS} in one process one gets a session of a MemoryStore`, async () => {
  const store = new MemoryStore();
  const workers = await Promise.all(
    Array.from({ length: RACERS }, () => Worker.start(store, TERM_MS)),
  );
  const taking = workers.map((worker) =>
    takeSession({ store, session: 'RemoteAuth', worker, onLeaseHeld: 'fail' }),
  );
  const outcomes = await Promise.allSettled(taking);
  const writers = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(writers).toHaveLength(1);
  const captured = await new ProfileCapturer(ofWinner).capture();
  await writers[0]?.save(captured);
  await captured.release();
  await Promise.all(workers.map((worker) => worker.leave()));
});
