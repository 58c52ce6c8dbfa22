import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import jsQR from 'jsqr';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { qrLines } from '../../src/cli/terminal-qr.js';
import { TerminalReporter } from '../../src/cli/terminal-reporter.js';

const QR = `2@${'Ab3/'.repeat(20)},${'Zm9v'.repeat(11)},${'YmFy'.repeat(11)},${'YWR2'.repeat(11)},1`;

class FakeTerminal extends EventEmitter {
  isTTY = true;
  columns = 100;
  rows = 50;
  written = '';
  write(text: string): boolean {
    this.written += text;
    return true;
  }
}

let terminal: FakeTerminal;
let reporter: TerminalReporter;

beforeEach(() => {
  vi.useFakeTimers();
  terminal = new FakeTerminal();
  reporter = new TerminalReporter(terminal as unknown as WriteStream);
});
afterEach(() => {
  reporter.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('a phone can read the QR code as the terminal shows it', () => {
  expect(decode(qrLines(QR, false))).toBe(QR);
});

test('the code is redrawn in place and counts down how long it is valid', () => {
  reporter.say({ event: 'qr', qr: QR, validMs: 60_000 });
  expect(screen(terminal.written)).toContain('valid for 60 s');
  vi.advanceTimersByTime(2_000);
  const lines = screen(terminal.written).split('\n');
  expect(lines.filter((line) => line.includes('Scan this code'))).toEqual([
    'Scan this code: valid for 58 s.',
  ]);
  reporter.say({ event: 'qr', qr: `${QR}2`, validMs: 20_000 });
  const codes = screen(terminal.written)
    .split('\n')
    .filter((line) => /[█▀▄]/.test(line));
  expect(decode(codes)).toBe(`${QR}2`);
  vi.advanceTimersByTime(25_000);
  expect(screen(terminal.written)).toContain('it has run out, the next is coming');
});

test('once linked the code is gone from the screen', () => {
  reporter.say({ event: 'qr', qr: QR, validMs: 60_000 });
  reporter.say({ event: 'authenticated' });
  expect(screen(terminal.written)).toBe('Logged in. Loading...\n');
});

test('a terminal too narrow for the code is told so instead', () => {
  terminal.columns = 40;
  reporter.say({ event: 'qr', qr: QR, validMs: 60_000 });
  expect(terminal.written).toMatch(/too narrow.*make it \d\d columns wide.*--pair/);
});

test('without a terminal the code is printed plainly, once each', () => {
  terminal.isTTY = false;
  const plain = new TerminalReporter(terminal as unknown as WriteStream);
  plain.say({ event: 'qr', qr: QR, validMs: 60_000 });
  vi.advanceTimersByTime(5_000);
  expect(terminal.written).not.toContain('\x1b');
  expect(decode(terminal.written.split('\n').filter((line) => /[█▀▄]/.test(line)))).toBe(QR);
});

const SAVED = {
  event: 'session_saved',
  keptIn: 'file:./sessions',
  session: 'RemoteAuth',
  generation: 1,
  sequence: 1,
  bytesSent: 12_300_000,
  chunks: 1,
  size: 14_000_000,
  durationMs: 800,
  reason: 'changed',
} as const;
const FAILED = {
  event: 'session_save_failed',
  session: 'RemoteAuth',
  error: { code: 'STORE_FULL', message: 'The store has no room.' },
  nextTryMs: 500,
} as const;
const FIRST_SAVE =
  'Saved: 12.3 MB in 800 ms. The login comes back from file:./sessions on an empty disk.\n';

test('of the saves of a start the first and the last are told', () => {
  reporter.say({ event: 'starting', session: 'RemoteAuth', keptIn: 'file:./sessions' });
  terminal.written = '';
  for (let save = 0; save < 5; save++) reporter.say(SAVED);
  expect(terminal.written).toBe(FIRST_SAVE);
  reporter.say({ ...SAVED, reason: 'closed', bytesSent: 1200, durationMs: 12 });
  expect(terminal.written).toBe(`${FIRST_SAVE}Saved to the last: 1.2 KB in 12 ms.\n`);
  reporter.say({ event: 'starting', session: 'RemoteAuth', keptIn: 'file:./sessions' });
  terminal.written = '';
  reporter.say(SAVED);
  expect(terminal.written).toBe(FIRST_SAVE);
});

test('saves that fail are told once an outage, and so is that they work again', () => {
  reporter.say(SAVED);
  terminal.written = '';
  for (let outage = 0; outage < 2; outage++) {
    for (let failure = 0; failure < 5; failure++) reporter.say(FAILED);
    for (let save = 0; save < 5; save++) reporter.say(SAVED);
  }
  expect(terminal.written.split('\n')).toEqual([
    expect.stringMatching(
      /^Error STORE_FULL: not saved. The store has no room. Tried again in 500/,
    ),
    'Saving works again: 12.3 MB in 800 ms.',
    expect.stringMatching(/^Error STORE_FULL: /),
    'Saving works again: 12.3 MB in 800 ms.',
    '',
  ]);
});

test('a last save that fails is told, also in an outage', () => {
  reporter.say(FAILED);
  terminal.written = '';
  reporter.say({ ...FAILED, nextTryMs: null });
  expect(terminal.written).toMatch(
    /^Error STORE_FULL: the last save failed. The store has no room./,
  );
});

test('where a session comes from is told, and what of it was passed over', () => {
  reporter.say({
    event: 'session_restored',
    from: 'store',
    keptIn: 'file:./sessions',
    session: 'RemoteAuth',
    durationMs: 1500,
    browserVersion: null,
    sequence: 7,
    savedAt: null,
    bytes: 80_200,
    bytesFetched: 4000,
    skipped: [{ sequence: 8, savedAt: '', error: { code: 'OBJECT_ALTERED', message: 'Bad.' } }],
  });
  expect(terminal.written).toMatch(
    /^Passed over snapshot 8 of .*, which is damaged: Bad\.\nRestored snapshot 7 from file:\.\/sessions: 80\.2 KB in 1\.5 s\.\n$/,
  );
});

test('who waits for a session is told for whom, and for how long at most', () => {
  const holder = { worker: 'w', host: 'mill', pid: 42, termMs: 15_000 };
  reporter.say({ event: 'lease_waiting', session: 'RemoteAuth', holder });
  expect(terminal.written).toContain('process 42 on mill holds the session');
  expect(terminal.written).toContain('not been heard of for 15.0 s');
});

test('at the end a login that is not there is not said to be kept', () => {
  reporter.say({ event: 'stopped' });
  reporter.say({ event: 'authenticated' });
  reporter.say({ event: 'stopped' });
  reporter.say({ event: 'disconnected', reason: 'LOGOUT' });
  reporter.say({ event: 'stopped' });
  expect(terminal.written.split('\n').filter((line) => line.startsWith('Closed'))).toEqual([
    'Closed.',
    expect.stringContaining('The login is kept'),
    'Closed.',
  ]);
});

/** What a screen shows after these writes: knows only how to go up and clear. */
function screen(written: string): string {
  let lines = [''];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
  for (const part of written.split(/(\x1b\[\d+A\x1b\[J)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
    const up = /^\x1b\[(\d+)A/.exec(part);
    if (up) {
      lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ''];
      continue;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
    const [first = '', ...rest] = part.replace(/\x1b\[[\d;]*m/g, '').split('\n');
    lines = [...lines.slice(0, -1), (lines.at(-1) ?? '') + first, ...rest];
  }
  return lines.join('\n');
}

/** Reads half blocks as a camera would see them: light characters on a dark ground. */
function decode(lines: string[]): string | undefined {
  const scale = 4;
  const columns = lines[0]?.length ?? 0;
  const width = columns * scale;
  const height = lines.length * 2 * scale;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(y / scale);
      const character = lines[Math.floor(row / 2)]?.[Math.floor(x / scale)] ?? ' ';
      const isLight = character === '█' || character === (row % 2 === 0 ? '▀' : '▄');
      pixels.fill(isLight ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jsQR(pixels, width, height)?.data;
}
