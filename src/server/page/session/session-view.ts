import type { SessionView } from '../../../fleet/session-view.js';
import { actionsFor, mainAction } from '../actions.js';
import { announce } from '../announce.js';
import type { App, View } from '../app.js';
import { button, iconButton } from '../controls.js';
import { openSendDialog } from '../dialogs/send.js';
import { type Child, element, setText } from '../element.js';
import { icon } from '../icon.js';
import { messageOf } from '../live/request.js';
import { menuButton } from '../menu.js';
import { StateBadge } from '../state-badge.js';
import { liveTime, setTime } from '../words/live-time.js';
import { STATES } from '../words/states.js';
import { AlertList } from './alert-list.js';
import { Facts } from './facts.js';
import { History } from './history.js';
import { SaveChart } from './save-chart.js';
import { SnapshotList } from './snapshot-list.js';
import { Timeline } from './timeline.js';

/** Everything about one session. */
export function sessionView(app: App, id: string): View {
  const { store } = app;
  const badge = new StateBadge();
  const since = liveTime('for', null);
  const alerts = new AlertList();
  const facts = new Facts();
  const chart = new SaveChart();
  const timeline = new Timeline(() => store.workers);
  const snapshots = new SnapshotList(app, id);
  const history = new History(store, id);
  const problem = element('p', { class: 'problem', hidden: true });
  const missing = element('p', { class: 'empty' });
  const buttons = viewButtons(app, id);

  const content = element(
    'div',
    { class: 'session', hidden: true },
    alerts.node,
    facts.node,
    section('Saves', chart.node),
    section('Snapshots', snapshots.node),
    section('Timeline', problem, timeline.node),
  );
  const node = element(
    'div',
    { class: 'view' },
    element(
      'nav',
      { 'aria-label': 'Back' },
      element('a', { href: '#/', class: 'back' }, icon('back'), 'Sessions'),
    ),
    element(
      'div',
      { class: 'view-head' },
      element('h1', {}, id),
      element(
        'span',
        { class: 'head-state' },
        badge.node,
        element('span', { class: 'second' }, since),
      ),
      buttons.node,
    ),
    missing,
    content,
  );

  const load = async () => {
    try {
      await history.load();
      problem.hidden = true;
    } catch (error) {
      problem.hidden = false;
      setText(problem, `The timeline could not be loaded: ${messageOf(error)}`);
    }
  };
  let isLoaded = false;
  const update = () => {
    const view = store.get(id);
    content.hidden = !view;
    missing.hidden = Boolean(view);
    badge.node.hidden = !view;
    buttons.update(view);
    setText(missing, store.isFilled ? `There is no session ${id}, or not any more.` : 'Loading…');
    if (!view) return;
    badge.update(view.state);
    setTime(since, view.since);
    alerts.update(view.alerts);
    facts.update(view);
    snapshots.update(view);
    if (!isLoaded) void load();
    isLoaded = true;
  };

  const stops = [
    history.changed.listen((happenings) => {
      chart.update(happenings);
      timeline.update(happenings);
    }),
    store.changed.listen((ids) => {
      if (ids.has(id) || !isLoaded) update();
    }),
    store.refreshed.listen(() => {
      if (isLoaded) void Promise.all([load(), snapshots.load()]);
    }),
    store.stateChanged.listen(({ view, from }) => {
      if (view.id === id && from) announce(`${id} is now: ${STATES[view.state].label}.`);
    }),
  ];
  update();
  return {
    title: id,
    node,
    end() {
      for (const stop of stops) stop();
      history.end();
      snapshots.end();
    },
  };
}

/** The likely actions, and a menu of all. */
function viewButtons(app: App, id: string) {
  const view = () => app.store.get(id);
  const start = (pick: (view: SessionView) => { start(): void } | null | undefined) => () => {
    const present = view();
    if (present) pick(present)?.start();
  };
  const link = button(
    'Link',
    start((present) => mainAction(app, present)),
    { look: 'primary' },
  );
  const send = button('Send a test message', () => openSendDialog(id));
  const more = menuButton(
    iconButton(`Actions for ${id}`, 'more', () => {}),
    () => {
      const present = view();
      return present ? actionsFor(app, present) : [];
    },
  );
  const node = element('div', { class: 'view-buttons' }, link, send, more);
  return {
    node,
    update(present: SessionView | undefined) {
      node.hidden = !present || app.role !== 'admin';
      link.hidden = !present || mainAction(app, present) === null;
      send.hidden = present?.state !== 'ready';
    },
  };
}

function section(title: string, ...children: Child[]): HTMLElement {
  return element('section', { 'aria-label': title }, element('h2', {}, title), ...children);
}
