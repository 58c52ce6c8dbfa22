import { button } from '../controls.js';
import { element } from '../element.js';
import { api } from '../live/api.js';
import { openDialog } from './dialog.js';

export function openExportDialog(id: string): void {
  const download = element(
    'a',
    { class: 'button danger', href: api.exportAddress(id), download: `${id}.zip` },
    'Download',
  );
  const dialog = openDialog({
    title: `Export ${id}?`,
    body: [
      element(
        'p',
        {},
        element('strong', {}, 'The file is the login. '),
        'It is not sealed: whoever has it can read and write in this WhatsApp account, until the device is logged out.',
      ),
      element(
        'p',
        {},
        'Keep it as you would keep a password, and delete it when it is not needed.',
      ),
      element(
        'div',
        { class: 'dialog-buttons' },
        button('Cancel', () => dialog.close()),
        download,
      ),
    ],
  });
  download.addEventListener('click', () => setTimeout(() => dialog.close()));
}
