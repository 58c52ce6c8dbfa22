import type { FleetMessage } from '../../fleet/fleet-events.js';
import type { Happening, SessionView } from '../../fleet/session-view.js';
import type { OwnEvents } from '../own-events.js';
import type { ServedFleet } from '../served-fleet.js';
import type { OpenStreams } from './open-streams.js';
import { sseText } from './sse-stream.js';

/**
 * What another worker is told: of the sessions that are held here, and nothing else.
 *
 * @throws {ApiError} TOO_MANY_STREAMS
 */
export function peerEvents(fleet: ServedFleet, own: OwnEvents, streams: OpenStreams): Response {
  const onSession = (view: SessionView) => stream.send(sseText('session', view));
  const onReleased = (id: string) => stream.send(sseText('removed', { id }));
  const onHappening = (id: string, happening: Happening) =>
    stream.send(sseText('happening', { id, happening }));
  const onMessage = (id: string, message: FleetMessage) =>
    stream.send(sseText('message', { id, message }));
  const stream = streams.open({
    kind: 'worker',
    endsAt: null,
    whole: () =>
      sseText('state', {
        sessions: fleet.held().map(({ view }) => view),
        workers: fleet.workers(),
      }),
    onEnd: () => {
      own.off('session', onSession);
      own.off('released', onReleased);
      own.off('happening', onHappening);
      own.off('message', onMessage);
    },
  });
  own.on('session', onSession);
  own.on('released', onReleased);
  own.on('happening', onHappening);
  own.on('message', onMessage);
  return stream.response;
}
