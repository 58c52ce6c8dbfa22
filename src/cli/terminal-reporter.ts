import type { WriteStream } from 'node:tty';
import { formatBytes, formatDuration, formatTime } from './format.js';
import { LiveBlock } from './live-block.js';
import type { Report, Reporter, RestoredReport } from './reporter.js';
import { SaveSentences } from './save-sentences.js';
import { skippedLines } from './skipped-snapshots.js';
import { qrLines, widthOf } from './terminal-qr.js';

const LINK_HINT = 'On the phone: WhatsApp > Settings > Linked devices > Link a device';
const CLOSED_LINKED = 'Closed. The login is kept: the next start needs no code.';
const SECOND_MS = 1000;

/** Plain lines for people; in a terminal the QR is redrawn in place, with how long it is valid. */
export class TerminalReporter implements Reporter {
  readonly #out: WriteStream;
  readonly #live: LiveBlock | null;
  readonly #saves = new SaveSentences();
  #isLinked = false;
  #countdown: NodeJS.Timeout | undefined;

  constructor(out: WriteStream = process.stdout) {
    this.#out = out;
    this.#live = out.isTTY ? new LiveBlock(out) : null;
  }

  say(report: Report): void {
    switch (report.event) {
      case 'loading_screen':
        return;
      case 'qr':
        this.#endCountdown();
        this.#showQr(report.qr, report.validMs);
        return;
      case 'session_saved':
      case 'session_save_failed':
        this.#write(this.#saves.of(report));
        return;
      case 'starting':
        this.#saves.onStart();
        break;
      case 'authenticated':
        this.#isLinked = true;
        break;
      case 'disconnected':
        if (report.reason === 'LOGOUT') this.#isLinked = false;
        break;
      case 'stopped':
        this.#write(this.#isLinked ? CLOSED_LINKED : 'Closed.');
        return;
    }
    this.#write(sentence(report));
  }

  close(): void {
    this.#endCountdown();
  }

  #write(text: string | null): void {
    if (text === null) return;
    this.#endCountdown();
    this.#out.write(`${text}\n`);
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

type ShownElsewhere = 'qr' | 'loading_screen' | 'session_saved' | 'session_save_failed' | 'stopped';

function sentence(report: Exclude<Report, { event: ShownElsewhere }>): string {
  switch (report.event) {
    case 'starting':
      return `Starting ${report.session}, kept in ${report.keptIn}`;
    case 'warning':
      return `Warning: ${report.message}`;
    case 'session_restored':
      return restoredSentence(report);
    case 'session_adopted':
      return `Taken over from whatsapp-web.js: ${formatBytes(report.bytes)} in ${report.place}, which stays.`;
    case 'lease_waiting': {
      const { host, pid, termMs } = report.holder;
      return (
        `Waiting: process ${pid} on ${host} holds the session. It is taken over once that one ` +
        `releases it, or has not been heard of for ${formatDuration(termMs)}.`
      );
    }
    case 'lease_lost':
      return `The session is not held any more. ${report.error.message}`;
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
      return `The login failed: ${report.message}`;
    case 'restarting':
      return `Starting again in ${report.inMs / SECOND_MS} s`;
    case 'stopping':
      return 'Closing the browser...';
    case 'error':
      return `Error ${report.code}: ${report.message}`;
    case 'story':
      return `\n== ${report.text}`;
  }
}

function restoredSentence(report: RestoredReport): string {
  const time = formatDuration(report.durationMs);
  if (report.from === 'disk')
    return `The profile on this disk is the newest: nothing to fetch (${time}).`;
  const { sequence, savedAt, bytes, keptIn, skipped } = report;
  const of = savedAt === null ? '' : ` of ${formatTime(savedAt)}`;
  const what = `Restored snapshot ${sequence}${of} from ${keptIn}: ${formatBytes(bytes)} in ${time}.`;
  return [...skippedLines(skipped), what].join('\n');
}
