import type { WriteStream } from 'node:tty';
import { LiveBlock } from './live-block.js';
import type { Report, Reporter } from './reporter.js';
import { qrLines, widthOf } from './terminal-qr.js';

const LINK_HINT = 'On the phone: WhatsApp > Settings > Linked devices > Link a device';
const SECOND_MS = 1000;

/** Plain lines for people; in a terminal the QR is redrawn in place, with how long it is valid. */
export class TerminalReporter implements Reporter {
  readonly #out: WriteStream;
  readonly #live: LiveBlock | null;
  #countdown: NodeJS.Timeout | undefined;

  constructor(out: WriteStream = process.stdout) {
    this.#out = out;
    this.#live = out.isTTY ? new LiveBlock(out) : null;
  }

  say(report: Report): void {
    if (report.event === 'loading_screen') return;
    this.#endCountdown();
    if (report.event === 'qr') this.#showQr(report.qr, report.validMs);
    else this.#out.write(`${sentence(report)}\n`);
  }

  close(): void {
    this.#endCountdown();
  }

  #showQr(qr: string, validMs: number): void {
    const code = qrLines(qr, this.#live !== null && !process.env.NO_COLOR);
    const until = Date.now() + validMs;
    const lines = () => [...code, LINK_HINT, `Scan this code: ${timeLeft(until)}.`];
    if (this.#live === null) {
      this.#out.write(`${lines().join('\n')}\n`);
    } else if (!this.#live.hasWidth(code)) {
      this.#out.write(
        `The terminal is too narrow for the QR code: make it ${widthOf(code[0] ?? '')} columns wide, or link by --pair PHONE.\n`,
      );
    } else if (this.#live.fits(lines())) {
      this.#live.draw(lines());
      this.#countdown = setInterval(() => this.#live?.draw(lines()), SECOND_MS);
    } else {
      this.#out.write(`${lines().join('\n')}\n`);
    }
  }

  #endCountdown(): void {
    if (this.#countdown === undefined) return;
    clearInterval(this.#countdown);
    this.#countdown = undefined;
    this.#live?.clear();
  }
}

function timeLeft(until: number): string {
  const seconds = Math.ceil((until - Date.now()) / SECOND_MS);
  return seconds > 0 ? `valid for ${seconds} s` : 'it has run out, the next is coming';
}

function sentence(report: Exclude<Report, { event: 'qr' | 'loading_screen' }>): string {
  switch (report.event) {
    case 'starting':
      return `Starting the browser for ${report.session}`;
    case 'code': {
      const shown = `${report.code.slice(0, 4)}-${report.code.slice(4)}`;
      return `Pairing code: ${shown}\n${LINK_HINT} > Link with phone number instead`;
    }
    case 'change_state':
      return `State: ${report.state}`;
    case 'authenticated':
      return 'Logged in. Loading...';
    case 'ready':
      return `Ready: ${report.name || 'linked'} (${report.account}). Ctrl-C ends it; the login stays.`;
    case 'message':
      return `Message from ${report.from}: ${report.body}`;
    case 'disconnected':
      return report.reason === 'LOGOUT'
        ? 'Logged out: the device was unlinked on the phone. A new code follows.'
        : `Disconnected: ${report.reason}. The login is kept.`;
    case 'auth_failure':
      return `Linking failed: ${report.message}`;
    case 'restarting':
      return `Starting again in ${report.inMs / SECOND_MS} s`;
    case 'stopping':
      return 'Closing the browser...';
    case 'stopped':
      return 'Closed. The login is kept: the next start needs no code.';
    case 'error':
      return `Error ${report.code}: ${report.message}`;
    case 'story':
      return `\n== ${report.text}`;
  }
}
