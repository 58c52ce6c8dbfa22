import type { Command } from 'commander';
import { ProfileCapturer } from '../../profile/capture/profile-capturer.js';
import type { SessionLocation } from '../../snapshot/open-session.js';
import { type SavedSnapshot, SessionWriter } from '../../snapshot/session-writer.js';
import { formatBytes, formatDuration } from '../format.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

export function addSave(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('save')
    .description("Save a browser profile's folder as a session's newest snapshot.")
    .argument('<dir>', 'the folder that the browser is started with (its user data dir)');
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (dir: string, flags: EngineFlags) =>
      onEnd(await answerWith(flags, (context) => save(context, dir))),
  );
}

/** The profile comes first: one that cannot be captured leaves no trace in the store. */
async function save(context: EngineContext, userDataDir: string): Promise<Answer> {
  const { location, progress } = context;
  await context.untilFree();
  const profile = await new ProfileCapturer(userDataDir).capture();
  try {
    const writer = await SessionWriter.open(location);
    const saved = await writer.save(profile, (state) => progress.update('Saving', state));
    const answer = savedAnswer(saved, location);
    const { live } = profile;
    if (live.state !== 'unavailable') return answer;
    const text = `${answer.text}\nlocalStorage and cookies are only as new as on disk: ${live.reason}.`;
    return { ...answer, text };
  } finally {
    await profile.release();
  }
}

export function savedAnswer(
  saved: SavedSnapshot | null,
  { session, encryptionKey }: Pick<SessionLocation, 'session' | 'encryptionKey'>,
): Answer {
  if (saved === null) {
    return { text: 'Nothing has changed since the last snapshot.', json: { session, saved: null } };
  }
  const { sequence, bytesSent, durationMs } = saved;
  return {
    text:
      `Saved snapshot ${sequence} of ${session}: ${formatBytes(bytesSent)} sent in ` +
      `${formatDuration(durationMs)}.${encryptionKey === undefined ? NOT_SEALED : ''}`,
    json: { session, saved },
  };
}

const NOT_SEALED =
  '\nIt is NOT sealed: whoever reads the store has the login. `holdfast key new` makes a key.';
