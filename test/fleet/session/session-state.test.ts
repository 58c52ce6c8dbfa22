import { expect, test } from 'vitest';
import { SessionState } from '../../../src/fleet/session/session-state.js';
import type { SessionView } from '../../../src/fleet/session-view.js';

function watched(): { state: SessionState; views: SessionView[] } {
  const views: SessionView[] = [];
  const state = new SessionState({
    id: 'sales',
    addedAt: new Date().toISOString(),
    worker: () => ({ id: 'w', address: 'http://w', host: 'h' }),
    onChange: () => views.push(state.view),
    onHappening: () => undefined,
  });
  return { state, views };
}

test('a state is never shown without what belongs to it', () => {
  const { state, views } = watched();
  state.showQr('2@one');
  state.showQr('2@two');
  state.showCode('ABCD1234', '12025550108', 60_000);
  state.backOff(1, 1000, { code: 'TIMED_OUT', message: 'It did not start.' });
  expect(views.map((view) => view.state)).toEqual(['qr', 'qr', 'code', 'backing-off']);
  expect(views.map(({ qr }) => qr?.serial)).toEqual([1, 2, undefined, undefined]);
  expect(views.map(({ code }) => code?.code)).toEqual([
    undefined,
    undefined,
    'ABCD1234',
    undefined,
  ]);
  expect(views.map(({ nextTryAt }) => nextTryAt !== null)).toEqual([false, false, false, true]);
});
