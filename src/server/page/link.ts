import { announcer } from './announce.js';
import { customerView } from './link/customer-view.js';
import { followEvents } from './live/follow-events.js';

// The page's own address, `/link/<token>`, is all that this page knows.
const view = customerView();
document.getElementById('main')?.replaceChildren(view.node);
document.body.append(announcer());

const stop = followEvents(`${window.location.pathname.replace(/\/$/, '')}/events`, {
  onEvent({ name, data }) {
    if (name === 'qr') view.showQr(data as { svg: string; validUntil: string });
    if (name === 'waiting') view.showWaiting();
    if (name === 'linked' || name === 'expired') {
      view.showEnd(name);
      stop();
    }
  },
  onConnection: (isConnected) => view.setConnected(isConnected),
  onRefused: ({ status }) => view.showEnd(status === 410 ? 'expired' : 'unknown'),
});
