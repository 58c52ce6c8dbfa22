import { HoldfastError } from '../errors.js';

/**
 * The digits of an international phone number, written in any of the usual ways.
 *
 * @throws {HoldfastError} INVALID_PHONE_NUMBER
 */
export function digitsOf(phoneNumber: unknown): string {
  const digits = String(phoneNumber).replace(/[\s+().-]/g, '');
  // ITU-T E.164: at most 15 digits, country code first, which never starts with 0.
  if (/^[1-9]\d{5,14}$/.test(digits)) return digits;
  throw new HoldfastError(
    'INVALID_PHONE_NUMBER',
    `${JSON.stringify(phoneNumber)} is no international phone number. ` +
      'Give the country code and the number, digits only, such as 12025550108.',
  );
}
