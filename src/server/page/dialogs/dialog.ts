import { iconButton } from '../controls.js';
import { type Child, element } from '../element.js';
import { focusMain } from '../focus.js';

export interface OpenDialog {
  readonly node: HTMLDialogElement;
  readonly body: HTMLElement;
  setTitle(title: string): void;
  close(): void;
}

interface DialogOptions {
  title: string;
  body: Child[];
  onClose?: () => void;
}

const opened = new Set<OpenDialog>();
let headings = 0;

/** A modal dialog; the focus goes back where it was when it closes. */
export function openDialog({ title, body, onClose }: DialogOptions): OpenDialog {
  const opener = document.activeElement;
  const heading = element('h2', { id: `dialog-${++headings}` }, title);
  const content = element('div', { class: 'dialog-body' }, ...body);
  const node = element(
    'dialog',
    { 'aria-labelledby': heading.id },
    element(
      'header',
      { class: 'dialog-head' },
      heading,
      iconButton('Close', 'cross', () => node.close()),
    ),
    content,
  );
  const dialog: OpenDialog = {
    node,
    body: content,
    setTitle: (text) => {
      heading.textContent = text;
    },
    close: () => node.close(),
  };
  node.addEventListener('close', () => {
    opened.delete(dialog);
    node.remove();
    onClose?.();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    else focusMain();
  });
  opened.add(dialog);
  document.body.append(node);
  node.showModal();
  node.querySelector<HTMLElement>('[data-first]')?.focus();
  return dialog;
}

export function closeDialogs(): void {
  for (const dialog of [...opened].reverse()) dialog.close();
}
