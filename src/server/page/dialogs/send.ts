import { notify } from '../announce.js';
import { field } from '../controls.js';
import { element } from '../element.js';
import { api } from '../live/api.js';
import { openFormDialog } from './form-dialog.js';

const TO_HINT = 'With the country code, such as 12025550108; or the id of a chat, such as …@g.us.';

export function openSendDialog(id: string): void {
  const to = field(
    'To',
    element('input', {
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      'data-first': true,
    }),
    TO_HINT,
  );
  const text = field('Text', element('textarea', { rows: 3 }, 'A test message.'));

  openFormDialog({
    title: `Send a message from ${id}`,
    body: [to.node, text.node],
    submit: 'Send',
    busy: 'Sending…',
    async onSubmit() {
      const chat = chatOf(to.control.value);
      const isTextGiven = text.control.value.trim() !== '';
      text.setProblem(isTextGiven ? null : 'Write something.');
      to.setProblem(
        chat === null ? 'Give a phone number with its country code, or a chat id.' : null,
      );
      if (chat === null || !isTextGiven) return false;
      const sent = await api.send(id, chat, text.control.value);
      notify(`Sent to ${sent.to}.`);
      return true;
    },
  });
}

/** What the server takes: digits only, or a chat's id. */
function chatOf(value: string): string | null {
  const given = value.trim();
  if (/^\S+@\S+$/.test(given)) return given;
  const digits = given.replace(/[\s+().-]/g, '');
  return /^\d{6,15}$/.test(digits) ? digits : null;
}
