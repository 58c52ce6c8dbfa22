import { button } from '../controls.js';
import { type Child, element, setText } from '../element.js';
import { messageOf } from '../live/request.js';
import { type OpenDialog, openDialog } from './dialog.js';

interface FormDialogOptions {
  title: string;
  body: Child[];
  submit: string;
  /** What the button says meanwhile. */
  busy: string;
  isDanger?: boolean;
  cancel?: string;
  /**
   * Does it. True: done, the dialog closes. False: something is to be corrected first. What it
   * throws is shown, and it may be tried again.
   */
  onSubmit(dialog: OpenDialog): Promise<boolean>;
  onClose?: () => void;
}

export function openFormDialog(options: FormDialogOptions): OpenDialog {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const label = element('span', {}, options.submit);
  const submit = element(
    'button',
    { class: `button ${options.isDanger ? 'danger' : 'primary'}`, type: 'submit' },
    label,
  );
  const form = element(
    'form',
    { novalidate: true },
    ...options.body,
    problem,
    element(
      'div',
      { class: 'dialog-buttons' },
      button(options.cancel ?? 'Cancel', () => dialog.close()),
      submit,
    ),
  );
  let isBusy = false;
  const setBusy = (busy: boolean) => {
    isBusy = busy;
    // Not `disabled`: that would lose the focus.
    submit.setAttribute('aria-disabled', String(busy));
    setText(label, busy ? options.busy : options.submit);
  };
  const attempt = async () => {
    if (isBusy) return;
    setText(problem, '');
    setBusy(true);
    try {
      if (await options.onSubmit(dialog)) dialog.close();
    } catch (error) {
      setText(problem, messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt();
  });
  const { title, onClose } = options;
  const dialog = openDialog({ title, body: [form], ...(onClose && { onClose }) });
  return dialog;
}
