import { HoldfastError } from '../errors.js';
import { ApiError } from './api-error.js';

export function sessionNotInFleet(id: string): HoldfastError {
  return new HoldfastError(
    'SESSION_NOT_FOUND',
    `There is no session ${JSON.stringify(id.slice(0, 200))} in the fleet.`,
  );
}

export function sessionNotHeld(id: string): ApiError {
  return new ApiError(
    503,
    'SESSION_NOT_HELD',
    `No worker that can be reached holds the session ${id} at the moment. Try again soon.`,
    { retryAfterS: 2 },
  );
}
