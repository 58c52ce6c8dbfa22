import { announcer, notify } from './announce.js';
import { button } from './controls.js';
import { startDashboard } from './dashboard.js';
import { element, setChildren } from './element.js';
import { api, type Role } from './live/api.js';
import { loginLost, messageOf, RequestError } from './live/request.js';
import { loginView } from './login-view.js';

const main = part('main');
const notices = part('notices');
const account = part('account');
document.body.append(announcer());
part('skip').addEventListener('click', (event) => {
  // The address after # is the router's.
  event.preventDefault();
  main.focus();
});

let endDashboard: (() => void) | null = null;
loginLost.listen(() => {
  if (endDashboard) showLogin('The login has ended. Log in again.');
});
void begin();

async function begin(): Promise<void> {
  try {
    const { role } = await api.me();
    showDashboard(role);
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return showLogin(null);
    setChildren(
      main,
      element('h1', {}, 'Holdfast does not answer'),
      element('p', {}, messageOf(error)),
      button('Try again', () => void begin(), { look: 'primary' }),
    );
  }
}

function showDashboard(role: Role): void {
  setChildren(
    account,
    role === 'viewer' && element('span', { class: 'role' }, 'Viewer: may look, not change'),
    button('Log out', () => void logOut(), { look: 'quiet' }),
  );
  endDashboard = startDashboard(role, { main, notices });
}

function showLogin(reason: string | null): void {
  endDashboard?.();
  endDashboard = null;
  document.title = 'Log in · Holdfast';
  setChildren(account);
  setChildren(main, loginView(reason, showDashboard));
  main.querySelector<HTMLInputElement>('input[type=password]')?.focus();
}

async function logOut(): Promise<void> {
  try {
    await api.logOut();
    showLogin(null);
  } catch (error) {
    notify(messageOf(error));
  }
}

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}.`);
  return found;
}
