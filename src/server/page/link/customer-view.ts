import { announce } from '../announce.js';
import { element, setText } from '../element.js';
import { QrFrame } from '../qr-frame.js';

export type Ending = 'linked' | 'expired' | 'unknown';

const ENDINGS: Record<Ending, { title: string; text: string }> = {
  linked: {
    title: 'Linked',
    text: 'Your WhatsApp is linked. You can close this page.',
  },
  expired: {
    title: 'This link is no longer valid',
    text: 'It was used already, or its time is over. Ask whoever sent it for a new one.',
  },
  unknown: {
    title: 'This link is not known',
    text: 'Check that the address was copied whole, or ask whoever sent it for a new one.',
  },
};

/** The customer's page: one QR code, and how to scan it. */
export function customerView() {
  const frame = new QrFrame();
  const title = element('h1', {}, 'Link your WhatsApp');
  const status = element('p', { class: 'notice-text', role: 'status' });
  const body = element(
    'div',
    { class: 'customer-body' },
    frame.node,
    element(
      'div',
      {},
      element(
        'ol',
        { class: 'steps' },
        element('li', {}, 'Open WhatsApp on your phone.'),
        element('li', {}, 'Go to Settings, then Linked devices, and tap Link a device.'),
        element('li', {}, 'Point the phone at this code.'),
      ),
      element(
        'p',
        { class: 'hint' },
        'Are you reading this on that phone? Open the page on another screen, so that the phone can scan it.',
      ),
    ),
  );
  return {
    node: element('div', { class: 'customer-card' }, title, status, body),
    showQr({ svg, validUntil }: { svg: string; validUntil: string }) {
      frame.show(`data:image/svg+xml,${encodeURIComponent(svg)}`, validUntil);
    },
    showWaiting() {
      frame.clear();
    },
    setConnected(isConnected: boolean) {
      setText(status, isConnected ? '' : 'Connection lost, trying again.');
    },
    showEnd(ending: Ending) {
      const { title: heading, text } = ENDINGS[ending];
      frame.end();
      setText(title, heading);
      setText(status, text);
      body.remove();
      document.title = heading;
      announce(`${heading}. ${text}`);
    },
  };
}
