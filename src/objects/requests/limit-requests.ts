import type { ObjectStore } from '../object-store.js';
import { LimitedObjects } from './limited-objects.js';
import { type RequestLimits, resolveRequestLimits } from './request-limits.js';
import { RetriedObjects } from './retried-objects.js';

/**
 * Puts what every backend over a network needs before it: a bound in time and number, and another
 * attempt where a failure may pass.
 *
 * @throws {HoldfastError} INVALID_OPTION
 */
export function limitRequests(
  backend: ObjectStore,
  limits: RequestLimits | undefined,
): ObjectStore {
  const resolved = resolveRequestLimits(limits);
  return new RetriedObjects(new LimitedObjects(backend, resolved), resolved);
}
