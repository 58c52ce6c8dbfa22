import { element } from '../element.js';
import { openFormDialog } from './form-dialog.js';

interface Confirmation {
  title: string;
  paragraphs: string[];
  submit: string;
  busy: string;
  /** An option with its label. */
  option?: string;
  onConfirm(isOptionSet: boolean): Promise<void>;
}

/** Asks before something that cannot be taken back. */
export function openConfirmDialog(confirmation: Confirmation): void {
  const { title, paragraphs, submit, busy, option, onConfirm } = confirmation;
  const box = element('input', { type: 'checkbox' });
  openFormDialog({
    title,
    submit,
    busy,
    isDanger: true,
    body: [
      ...paragraphs.map((text) => element('p', {}, text)),
      option !== undefined && element('label', { class: 'option' }, box, ` ${option}`),
    ],
    async onSubmit() {
      await onConfirm(box.checked);
      return true;
    },
  });
}
