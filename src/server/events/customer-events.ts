import type { FleetSessionState, SessionView } from '../../fleet/session-view.js';
import type { Directory } from '../directory/directory.js';
import type { QrCodes } from '../qr/qr-codes.js';
import { qrSvg } from '../qr/svg.js';
import type { OpenStreams } from './open-streams.js';
import { sseText } from './sse-stream.js';

export interface CustomerEventsOptions {
  id: string;
  expiresAt: string;
  directory: Directory;
  streams: OpenStreams;
  qrCodes: QrCodes;
}

const LINKED: FleetSessionState[] = ['syncing', 'ready', 'offline'];
const WAITING = sseText('waiting', {});

/** What a customer's page is told: nothing of the session but its QR. @throws {ApiError} TOO_MANY_STREAMS */
export function customerEvents(options: CustomerEventsOptions): Response {
  const { id, directory, streams, qrCodes } = options;
  const endsAt = Date.parse(options.expiresAt);
  let shown = WAITING;
  /** Of what was looked up last: an answer that comes late is not shown. */
  let serial = 0;
  const show = (text: string) => {
    if (text === shown) return;
    shown = text;
    stream.send(text);
  };
  const end = (event: 'linked' | 'expired') => {
    stream.send(sseText(event, {}));
    stream.close();
  };
  const look = async (view: SessionView) => {
    const current = ++serial;
    if (LINKED.includes(view.state)) return end('linked');
    const text = view.qr === null ? null : await qrCodes(id).catch(() => null);
    if (current !== serial) return;
    if (text === null || view.qr === null) show(WAITING);
    else show(sseText('qr', { svg: qrSvg(text), validUntil: view.qr.validUntil }));
  };
  const onSession = (view: SessionView) => {
    if (view.id === id) void look(view);
  };
  const onRemoved = (removed: string) => {
    if (removed === id) end('expired');
  };
  const timer = setTimeout(() => end('expired'), Math.max(0, endsAt - Date.now())).unref();
  const stream = streams.open({
    kind: 'customer',
    endsAt: null,
    whole: () => shown,
    onEnd: () => {
      clearTimeout(timer);
      directory.off('session', onSession);
      directory.off('removed', onRemoved);
    },
  });
  directory.on('session', onSession);
  directory.on('removed', onRemoved);
  void look(directory.get(id));
  return stream.response;
}
