import { announce } from '../announce.js';
import { button, field } from '../controls.js';
import { element } from '../element.js';
import { api, type CustomerLink } from '../live/api.js';
import { formatDateTime } from '../words/times.js';
import { openDialog } from './dialog.js';
import { openFormDialog } from './form-dialog.js';

const VALIDITIES = [
  ['15', '15 minutes'],
  ['60', '1 hour'],
  ['1440', '1 day'],
] as const;

/** Makes an address that a customer opens to link a phone without an account here. */
export function openCustomerLinkDialog(id: string): void {
  const valid = field(
    'Valid for',
    element(
      'select',
      { 'data-first': true },
      ...VALIDITIES.map(([minutes, label]) =>
        element('option', { value: minutes, selected: minutes === '60' }, label),
      ),
    ),
  );
  let made: CustomerLink | null = null;
  openFormDialog({
    title: `A link for the customer`,
    body: [
      element(
        'p',
        {},
        `Whoever opens it sees the QR code of ${id}, and nothing else. It ends when a phone was linked, or when its time is over.`,
      ),
      valid.node,
    ],
    submit: 'Make the link',
    busy: 'Making it…',
    async onSubmit() {
      made = await api.createLink(id, Number(valid.control.value));
      return true;
    },
    onClose() {
      if (made) showLink(id, made);
    },
  });
}

function showLink(id: string, { url, expiresAt }: CustomerLink): void {
  const address = element('input', { type: 'text', readonly: true, value: url });
  const copied = element('span', { class: 'copied' });
  const copy = button('Copy', () => void copyLink(), { look: 'primary' });
  copy.dataset.first = '';
  const copyLink = async () => {
    const isCopied = await copyText(address);
    copied.textContent = isCopied ? 'Copied' : 'Copy the marked text yourself';
    announce(copied.textContent);
  };
  address.addEventListener('focus', () => address.select());
  const dialog = openDialog({
    title: 'Link for the customer',
    body: [
      field(`Address to give to the customer of ${id}`, address).node,
      element(
        'p',
        { class: 'hint' },
        `Expires on ${formatDateTime(expiresAt)}. Used up by linking, not by opening.`,
      ),
      element(
        'div',
        { class: 'dialog-buttons' },
        copied,
        copy,
        button('Done', () => dialog.close()),
      ),
    ],
  });
}

/** The clipboard is there on https and localhost only. */
async function copyText(input: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.select();
    return document.execCommand('copy');
  }
}
