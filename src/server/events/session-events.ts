import type { Caller } from '../auth/caller.js';
import type { Directory } from '../directory/directory.js';
import type { DirectoryEvents } from '../directory/directory-events.js';
import { listen } from '../listen.js';
import { viewFor } from '../view-for.js';
import type { OpenStreams } from './open-streams.js';
import { sseText } from './sse-stream.js';

export interface SessionEventsOptions {
  directory: Directory;
  streams: OpenStreams;
  caller: Caller;
  /** Null: of all. */
  id: string | null;
}

/** Server-sent events of one session or of all. @throws {ApiError} TOO_MANY_STREAMS */
export function sessionEvents({ directory, streams, caller, id }: SessionEventsOptions): Response {
  const { role, expiresAt } = caller;
  const isOfInterest = (other: string) => id === null || id === other;
  const stream = streams.open({
    kind: role,
    endsAt: expiresAt,
    whole: () => {
      const sessions = directory.list().filter((view) => isOfInterest(view.id));
      const views = sessions.map((view) => viewFor(role, view));
      return sseText('state', { sessions: views, workers: directory.workers() });
    },
    onEnd: () => stopListening(),
  });
  const send = (of: string, event: string, data: unknown) => {
    if (isOfInterest(of)) stream.send(sseText(event, data));
  };
  const stopListening = listen<DirectoryEvents>(directory, {
    session: (view) => send(view.id, 'session', viewFor(role, view)),
    removed: (removed) => send(removed, 'removed', { id: removed }),
    workers: () => stream.send(sseText('workers', { workers: directory.workers() })),
    happening: (of, happening) => send(of, 'happening', { id: of, happening }),
    message:
      role === 'admin' ? (of, message) => send(of, 'message', { id: of, message }) : undefined,
  });
  return stream.response;
}
