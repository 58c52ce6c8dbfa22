import type { App } from '../app.js';
import { field } from '../controls.js';
import { element } from '../element.js';
import { api } from '../live/api.js';
import { openFormDialog } from './form-dialog.js';
import { openLinkDialog } from './link.js';

const HINT =
  'Letters, digits, - and _, such as acme-12. It names the session in the store and cannot be changed.';

/** Asks for an id, adds the session, and goes on to linking it. */
export function openAddDialog(app: App): void {
  const input = element('input', {
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 189,
    'data-first': true,
  });
  const id = field('Id', input, HINT);
  let added: string | null = null;

  openFormDialog({
    title: 'Add a session',
    body: [id.node],
    submit: 'Add',
    busy: 'Adding…',
    async onSubmit() {
      const value = input.value.trim();
      const problem = problemWith(value, app);
      id.setProblem(problem);
      if (problem !== null) return false;
      const view = await api.add(value);
      app.store.add(view);
      added = view.id;
      return true;
    },
    onClose() {
      if (added !== null) openLinkDialog(app, added);
    },
  });
}

function problemWith(id: string, { store }: App): string | null {
  if (id === '') return 'Give it an id.';
  const wrong = /[^-\w]/u.exec(id)?.[0];
  if (wrong !== undefined) {
    const name = wrong === ' ' ? 'A space' : `“${wrong}”`;
    return `${name} cannot be in an id: use letters from a to z, digits, - and _ only.`;
  }
  return store.get(id) ? `There is a session ${id} already.` : null;
}
