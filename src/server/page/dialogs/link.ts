import type { SessionView } from '../../../fleet/session-view.js';
import { announce, notify } from '../announce.js';
import type { App } from '../app.js';
import { button } from '../controls.js';
import { element, setText } from '../element.js';
import { api } from '../live/api.js';
import { messageOf } from '../live/request.js';
import { nameAccount } from '../words/accounts.js';
import { isToBeLinked, STATES } from '../words/states.js';
import { openCustomerLinkDialog } from './customer-link.js';
import { openDialog } from './dialog.js';
import { PairingPanel } from './pairing-panel.js';
import { QrPanel } from './qr-panel.js';

type Way = 'qr' | 'code';

/** Links a session to a phone, and says so when it is done. */
export function openLinkDialog(app: App, id: string): void {
  const qr = new QrPanel(id);
  const pairing = new PairingPanel(id);
  const problem = element('p', { class: 'problem', role: 'alert' });
  const progress = element('p', { class: 'link-progress' });
  const status = element('div', { class: 'link-status', hidden: true }, progress);
  const restart = button('Start it', () => void attempt(() => api.restart(id)));
  status.append(restart);

  const choice = wayChoice((way) => {
    setWay(way);
    if (way === 'qr' && app.store.get(id)?.code) void attempt(() => api.cancelPairing(id));
  });
  const footer = element(
    'div',
    { class: 'dialog-buttons' },
    button('Link for the customer', () => {
      dialog.close();
      openCustomerLinkDialog(id);
    }),
    button('Close', () => dialog.close()),
  );

  let way: Way = app.store.get(id)?.state === 'code' ? 'code' : 'qr';
  let last: string | null = null;
  const setWay = (chosen: Way) => {
    way = chosen;
    choice.set(way);
    update();
  };

  const attempt = async (act: () => Promise<unknown>) => {
    setText(problem, '');
    try {
      await act();
    } catch (error) {
      setText(problem, messageOf(error));
    }
  };

  const update = () => {
    const view = app.store.get(id);
    if (!view) return dialog.close();
    if (view.state === 'ready') return finish(view);
    const isLinking = isToBeLinked(view.state);
    choice.node.hidden = !isLinking;
    status.hidden = isLinking;
    qr.show(isLinking && way === 'qr' ? view : null);
    pairing.show(isLinking && way === 'code' ? view : null);
    restart.hidden = view.state !== 'stopped' && view.state !== 'backing-off';
    setText(progress, progressOf(view));
    if (view.state !== last && last !== null && !isLinking) announce(progressOf(view));
    last = view.state;
  };

  const finish = (view: SessionView) => {
    const who = view.account ? nameAccount(view.account) : 'this phone';
    dialog.close();
    showLinked(id, who);
  };

  const dialog = openDialog({
    title: `Link ${id}`,
    body: [choice.node, qr.node, pairing.node, status, problem, footer],
    onClose() {
      stop();
      qr.end();
    },
  });
  const stop = app.store.changed.listen((ids) => {
    if (ids.has(id)) update();
  });
  setWay(way);
}

function showLinked(id: string, who: string): void {
  const done = button('Done', () => dialog.close(), { look: 'primary' });
  done.dataset.first = '';
  const dialog = openDialog({
    title: `Linked as ${who}`,
    body: [
      element('p', {}, `${id} is ready. It stays logged in from now on, wherever it runs.`),
      element('div', { class: 'dialog-buttons' }, done),
    ],
  });
  notify(`${id} is linked as ${who}.`);
}

function progressOf({ state }: SessionView): string {
  if (state === 'syncing') return 'The phone was accepted. WhatsApp Web is loading…';
  if (state === 'waiting' || state === 'starting') return 'It is starting. The QR code comes soon…';
  return STATES[state].meaning;
}

/** The ways to link, as radio buttons. */
function wayChoice(onChange: (way: Way) => void) {
  const radio = (value: Way, label: string) => {
    const input = element('input', { type: 'radio', name: 'way', value });
    input.addEventListener('change', () => onChange(value));
    return { input, node: element('label', {}, input, element('span', {}, label)) };
  };
  const ways = { qr: radio('qr', 'QR code'), code: radio('code', 'Phone number') };
  const node = element(
    'fieldset',
    { class: 'segments' },
    element('legend', { class: 'unseen' }, 'Link by'),
    ways.qr.node,
    ways.code.node,
  );
  return {
    node,
    set(way: Way) {
      ways[way].input.checked = true;
    },
  };
}
