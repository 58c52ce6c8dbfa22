import { listen } from '../listen.js';
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
  const stream = streams.open({
    kind: 'worker',
    endsAt: null,
    whole: () =>
      sseText('state', {
        sessions: fleet.held().map(({ view }) => view),
        workers: fleet.workers(),
      }),
    onEnd: () => stopListening(),
  });
  const stopListening = listen(own, {
    session: (view) => stream.send(sseText('session', view)),
    released: (id) => stream.send(sseText('removed', { id })),
    happening: (id, happening) => stream.send(sseText('happening', { id, happening })),
    message: (id, message) => stream.send(sseText('message', { id, message })),
  });
  return stream.response;
}
