import { type Check, checkOptions } from '../../check-options.js';

/** How a store over a network is asked. */
export interface RequestLimits {
  /**
   * After so long without an answer a request is given up, in milliseconds; the time that its bytes
   * take at 64 KiB per second comes on top. Default: 10000.
   */
  timeoutMs?: number | undefined;
  /**
   * How often a request is tried whose failure may pass. None begins later than one and a half times
   * `timeoutMs` after the first. Default: 4.
   */
  attempts?: number | undefined;
  /** How many requests may be under way. Default: 16. */
  atOnce?: number | undefined;
  /** What is sent and fetched per second, together, on average. Default: as much as there is. */
  bytesPerSecond?: number | undefined;
}

export type ResolvedRequestLimits = {
  [Name in keyof RequestLimits]-?: NonNullable<RequestLimits[Name]>;
};

const isPositive: Check = [(value) => typeof value === 'number' && value > 0, 'a number above 0'];
const isPositiveInteger: Check = [
  (value) => Number.isInteger(value) && Number(value) > 0,
  'a whole number above 0',
];

const CHECKS: Record<keyof RequestLimits, Check> = {
  timeoutMs: isPositive,
  attempts: isPositiveInteger,
  atOnce: isPositiveInteger,
  bytesPerSecond: isPositive,
};

/** @throws {HoldfastError} INVALID_OPTION */
export function resolveRequestLimits(limits: RequestLimits = {}): ResolvedRequestLimits {
  checkOptions('requests.', limits, CHECKS);
  return {
    timeoutMs: limits.timeoutMs ?? 10_000,
    attempts: limits.attempts ?? 4,
    atOnce: limits.atOnce ?? 16,
    bytesPerSecond: limits.bytesPerSecond ?? Number.POSITIVE_INFINITY,
  };
}
