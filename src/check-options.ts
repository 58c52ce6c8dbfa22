import { HoldfastError } from './errors.js';

/** What an option's value must be, and how to say so. */
export type Check = [isRight: (value: unknown) => boolean, expectation: string];

export const isBoolean: Check = [(value) => typeof value === 'boolean', 'true or false'];
export const isText: Check = [(value) => typeof value === 'string', 'a string'];
export const isObject: Check = [
  (value) => typeof value === 'object' && value !== null,
  'an object',
];
export const isCount: Check = [
  (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  'a number, 0 or more',
];

/** For options that whatsapp-web.js's documentation says to leave at null. */
export const isTextOrNull: Check = [
  (value) => value === null || typeof value === 'string',
  'a string',
];
export const isWholeNumber: Check = [
  (value) => Number.isInteger(value) && Number(value) >= 0,
  'a whole number, 0 or more',
];

export function hasTexts(...names: string[]): (value: unknown) => boolean {
  return (value) =>
    isObject[0](value) &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

/**
 * Checks that every option is known and right; undefined is as if absent. A mistyped name would
 * otherwise do nothing, silently.
 *
 * @param prefix what stands before the names in messages, such as `LocalAuth.`
 * @throws {HoldfastError} INVALID_OPTION, naming the option
 */
export function checkOptions(
  prefix: string,
  options: object,
  checks: Record<string, Check>,
  alsoKnown: string[] = [],
): void {
  if (!isObject[0](options)) throw invalid('Options', options, isObject[1]);
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      if (alsoKnown.includes(name)) continue;
      throw new HoldfastError(
        'INVALID_OPTION',
        `There is no option ${prefix}${name}. Known options: ${Object.keys(checks).join(', ')}.`,
      );
    }
    if (value !== undefined && !check[0](value)) {
      throw invalid(`The option ${prefix}${name}`, value, check[1]);
    }
  }
}

/** Texts and objects are not shown: there may be a password in them. */
function invalid(what: string, value: unknown, expectation: string): HoldfastError {
  const kind = Array.isArray(value) ? 'a list' : KINDS[value === null ? 'null' : typeof value];
  return new HoldfastError(
    'INVALID_OPTION',
    `${what} must be ${expectation}, but is ${kind ?? String(value)}.`,
  );
}

const KINDS: Record<string, string> = {
  string: 'a string',
  object: 'an object',
  function: 'a function',
};
