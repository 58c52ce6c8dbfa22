import { renderUnicodeCompact } from 'uqr';

/** Light on dark whatever the terminal's colours are: phones read it best that way. */
const LIGHT_ON_DARK = '\x1b[97;40m';
const RESET = '\x1b[0m';
const QUIET_ZONE = 2;

/** The lines of a QR code for a terminal, two rows of it in each. */
export function qrLines(text: string, inColour: boolean): string[] {
  const lines = renderUnicodeCompact(text, { ecc: 'L', border: QUIET_ZONE }).split('\n');
  return inColour ? lines.map((line) => `${LIGHT_ON_DARK}${line}${RESET}`) : lines;
}

/** How many columns such a line takes. */
export function widthOf(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
  return [...line.replace(/\x1b\[[\d;]*m/g, '')].length;
}
