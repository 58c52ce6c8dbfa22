import { InvalidArgumentError } from 'commander';

/** A whole number of at least 1, as an option of commander. */
export function numberOption(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It is no whole number of at least 1.');
}
