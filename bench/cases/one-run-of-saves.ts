import { rotate } from '../measure/statistics.js';
import type { Contest } from './contest.js';
import { oneMessage } from './message.js';

/** First save, saves after messages, a save with nothing new, and the restore; by each. */
export async function oneRunOfSaves(
  contest: Contest,
  run: number,
  messages: number,
): Promise<void> {
  // LevelDB tidies up after it was opened; whoever copies files by name fails meanwhile.
  await contest.live.quiet();
  for (const each of rotate(contest.contestants, run)) await contest.save(each, 'first save');
  contest.changes();
  for (let message = 0; message < messages; message++) {
    await contest.live.device.receive(oneMessage());
    const changes = contest.changes();
    for (const each of rotate(contest.contestants, run + message)) {
      await contest.save(each, 'save after a message', changes);
    }
  }
  // The browser adds some bytes a moment after a message; only then there is nothing new.
  await contest.live.quiet();
  contest.changes();
  for (const { open, peer } of contest.contestants) {
    if (peer.isIncremental) await open.save().catch(() => undefined);
  }
  for (const each of rotate(contest.contestants, run)) {
    await contest.save(each, 'save, nothing new', contest.changes());
  }
  for (const each of rotate(contest.contestants, run)) await contest.restore(each, 'restore');
}
