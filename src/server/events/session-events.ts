import type { FleetMessage } from '../../fleet/fleet-events.js';
import type { Happening, SessionView } from '../../fleet/session-view.js';
import type { Caller } from '../auth/caller.js';
import type { Directory } from '../directory/directory.js';
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
  const onSession = (view: SessionView) => {
    if (isOfInterest(view.id)) stream.send(sseText('session', viewFor(role, view)));
  };
  const onRemoved = (removed: string) => {
    if (isOfInterest(removed)) stream.send(sseText('removed', { id: removed }));
  };
  const onWorkers = () => stream.send(sseText('workers', { workers: directory.workers() }));
  const onHappening = (of: string, happening: Happening) => {
    if (isOfInterest(of)) stream.send(sseText('happening', { id: of, happening }));
  };
  const onMessage = (of: string, message: FleetMessage) => {
    if (isOfInterest(of)) stream.send(sseText('message', { id: of, message }));
  };
  const stream = streams.open({
    kind: role,
    endsAt: expiresAt,
    whole: () => {
      const sessions = directory.list().filter((view) => isOfInterest(view.id));
      const views = sessions.map((view) => viewFor(role, view));
      return sseText('state', { sessions: views, workers: directory.workers() });
    },
    onEnd: () => {
      directory.off('session', onSession);
      directory.off('removed', onRemoved);
      directory.off('workers', onWorkers);
      directory.off('happening', onHappening);
      directory.off('message', onMessage);
    },
  });
  directory.on('session', onSession);
  directory.on('removed', onRemoved);
  directory.on('workers', onWorkers);
  directory.on('happening', onHappening);
  if (role === 'admin') directory.on('message', onMessage);
  return stream.response;
}
