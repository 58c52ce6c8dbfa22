import type { App, View } from './app.js';
import { ConnectionNotice } from './connection-notice.js';
import { closeDialogs } from './dialogs/dialog.js';
import { setChildren } from './element.js';
import { focusMain } from './focus.js';
import type { Role } from './live/api.js';
import { followEvents } from './live/follow-events.js';
import { loginLost } from './live/request.js';
import { SessionStore } from './live/session-store.js';
import { currentRoute, onRoute, type Route } from './router.js';
import { sessionView } from './session/session-view.js';
import { sessionsView } from './sessions/sessions-view.js';
import { watchTroubles } from './watch-troubles.js';
import { keepTimes } from './words/live-time.js';

interface Places {
  main: HTMLElement;
  notices: HTMLElement;
}

/** The logged-in page, live until it is ended. */
export function startDashboard(role: Role, { main, notices }: Places): () => void {
  const app: App = { role, store: new SessionStore() };
  const notice = new ConnectionNotice();
  notices.append(notice.node);

  let shown: View | undefined;
  const show = (route: Route) => {
    closeDialogs();
    shown?.end();
    shown = route.name === 'session' ? sessionView(app, route.id) : sessionsView(app);
    document.title = `${shown.title} · Holdfast`;
    setChildren(main, shown.node);
    window.scrollTo(0, 0);
  };
  show(currentRoute());

  const stops = [
    onRoute((route) => {
      show(route);
      focusMain();
    }),
    keepTimes(),
    watchTroubles(app.store),
    followEvents('/api/v1/events', {
      onEvent: (event) => app.store.take(event),
      onConnection: (isConnected) => notice.setConnected(isConnected),
      onRefused: () => loginLost.emit(),
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    shown?.end();
    closeDialogs();
    notice.node.remove();
  };
}
