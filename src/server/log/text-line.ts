import type { Level, LogFields } from './log.js';

/** One entry as a line for people: `2026-11-05T12:00:00.000Z warn  session_failed sales: … (failures=2)`. */
export function textLine(at: Date, level: Level, event: string, fields: LogFields): string {
  const { session, message, ...others } = fields;
  const details = Object.entries(others)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${wordsOf(value)}`);
  const line = [
    `${at.toISOString()} ${level.padEnd(5)} ${event}`,
    session === undefined ? '' : ` ${wordsOf(session)}`,
    message === undefined ? '' : `: ${wordsOf(message)}`,
    details.length === 0 ? '' : ` (${details.join(', ')})`,
  ];
  return `${onOneLine(line.join(''))}\n`;
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Nobody's text makes a line of its own, or speaks to the terminal. */
function onOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
