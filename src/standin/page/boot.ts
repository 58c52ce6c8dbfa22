import type { PageBehaviour } from '../wire.js';
import { Chats, Messages } from './chats.js';
import { openDatabases } from './databases.js';
import { History } from './history.js';
import { createWid } from './ids.js';
import { ConnModel, Linking } from './linking.js';
import { type Login, LoginDamaged, loadLogin } from './login.js';
import { Messaging } from './messaging.js';
import { Emitter } from './model.js';
import { createModules } from './modules.js';
import { Session, type SessionParts } from './session.js';
import { type SocketModel, Wire } from './socket.js';
import { showState } from './view.js';

const RELOADS = 'reloads';

async function boot(): Promise<void> {
  const behaviour: PageBehaviour = await (await fetch('/behaviour.json')).json();
  await new Promise((resolve) => setTimeout(resolve, behaviour.bootDelayMs));
  if (reloadsItself(behaviour.navigationsDuringBoot)) return;

  const databases = await openDatabases();
  const login = await loadLogin(databases).catch((error: unknown) => {
    if (error instanceof LoginDamaged) return error;
    throw error;
  });
  const wasLinked = login.wid !== null;
  const history = new History(databases);
  const wire = new Wire();
  const linking = new Linking(wire);
  const messages = new Messages(history, () => createWid(accountOf(session.login).pn));
  const messaging = new Messaging(history, wire, messages, new Chats());
  const parts: SessionParts = {
    syncDelayMs: behaviour.syncDelayMs,
    databases,
    history,
    wire,
    linking,
    messaging,
    conn: new ConnModel(),
    cmd: new Emitter(),
    browser: { info: () => ({ os: 'Linux', name: 'Chrome' }) },
  };
  const session = new Session(login, parts);
  const modules = createModules(session, parts, behaviour);
  if (wasLinked && !(login instanceof LoginDamaged)) await messaging.load();
  showState(session.socket, parts.conn);
  await session.start();

  if (wasLinked && behaviour.syncedAtBoot) await synced(session.socket);
  Object.assign(window, {
    require: (name: string) => {
      const module = modules[name];
      if (module === undefined) throw new Error(`Requiring unknown module "${name}"`);
      return module;
    },
    Debug: { VERSION: behaviour.version },
  });
}

/** A navigation of its own during boot, as the real page does after an update. */
function reloadsItself(times: number): boolean {
  const done = Number(sessionStorage.getItem(RELOADS) ?? 0);
  if (done >= times) {
    sessionStorage.removeItem(RELOADS);
    return false;
  }
  sessionStorage.setItem(RELOADS, String(done + 1));
  location.reload();
  return true;
}

function synced(socket: SocketModel): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (socket.hasSynced || !['OPENING', 'CONNECTED'].includes(socket.state)) resolve();
    };
    socket.on('change:hasSynced change:state', look);
  });
}

function accountOf(login: Login | LoginDamaged): { pn: string } {
  if (login instanceof LoginDamaged || !login.account) throw new Error('this page is not linked');
  return login.account;
}

void boot();
