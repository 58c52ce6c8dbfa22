import { button, field } from './controls.js';
import { element, setText } from './element.js';
import { api, type Role } from './live/api.js';
import { messageOf, RequestError } from './live/request.js';

/** Asks for a token; `reason` says why it is asked for again. */
export function loginView(reason: string | null, onLogin: (role: Role) => void): HTMLElement {
  const input = element('input', {
    type: 'password',
    name: 'token',
    autocomplete: 'current-password',
    spellcheck: 'false',
  });
  const token = field(
    'Token',
    input,
    'It was printed when Holdfast was first started, or was given to it by its settings.',
  );
  const submit = button('Log in', () => {}, { look: 'primary' });
  submit.type = 'submit';
  const problem = element('p', { class: 'problem', role: 'alert' }, reason ?? '');
  const form = element(
    'form',
    { class: 'login', novalidate: true },
    element('h1', {}, 'Log in'),
    // Password managers keep a password under a name only.
    element('input', {
      type: 'text',
      name: 'username',
      autocomplete: 'username',
      value: 'holdfast',
      hidden: true,
    }),
    token.node,
    problem,
    submit,
  );
  let isBusy = false;
  const attempt = async () => {
    if (isBusy) return;
    setText(problem, '');
    if (input.value.trim() === '') return token.setProblem('Give the token.');
    token.setProblem(null);
    isBusy = true;
    submit.setAttribute('aria-disabled', 'true');
    try {
      const { role } = await api.logIn(input.value.trim());
      onLogin(role);
    } catch (error) {
      setText(problem, problemOf(error));
      input.select();
    } finally {
      isBusy = false;
      submit.removeAttribute('aria-disabled');
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt();
  });
  return form;
}

function problemOf(error: unknown): string {
  if (error instanceof RequestError && error.status === 401) {
    return 'This token is not known here. Check that it was copied whole.';
  }
  if (error instanceof RequestError && error.status === 429) {
    return 'There were too many attempts. Wait a minute, then try again.';
  }
  return messageOf(error);
}
